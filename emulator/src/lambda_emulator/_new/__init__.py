"""New projects: ``lambda-emulator new``."""
