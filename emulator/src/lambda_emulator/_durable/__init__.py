"""Durable functions: AWS's own runner executes them, and the emulator's functions are invoked."""
