"""The APIs of a project, as API Gateway serves them: HTTP, REST and WebSocket APIs."""
