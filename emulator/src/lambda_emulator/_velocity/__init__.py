"""The language of mapping templates."""
