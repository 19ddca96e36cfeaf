"""Projects: templates and settings, read once into one description."""
