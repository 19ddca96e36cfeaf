"""The paths at which an emulator takes events."""

SEND_PATH = "/_events/send"
NOTIFICATIONS_PATH = "/_events/notifications"
