"""The handlers that are measured: as little work as a function can do."""


def handler(event: dict[str, str], context: object) -> dict[str, str]:
    return {"message": f"Hello {event.get('name', 'World')}!"}
