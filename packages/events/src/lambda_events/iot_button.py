"""AWS IoT: buttons, directly and through IoT 1-Click. AWS ended 1-Click in 2024.

https://docs.aws.amazon.com/lambda/latest/dg/services-iot.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from ._detect import Signatures


class IoTButtonEvent(Model, expects={"clickType": str}):
    """A button was pressed.

    https://docs.aws.amazon.com/lambda/latest/dg/services-iot.html

    Attributes:
        serial_number: The button.
        click_type: ``SINGLE``, ``DOUBLE`` or ``LONG``.
        battery_voltage: The voltage of its battery, such as ``2000mV``; see
            `battery_millivolts`.
    """

    serial_number: str
    click_type: str
    battery_voltage: str

    @property
    def battery_millivolts(self) -> int | None:
        """The voltage of its battery in millivolts; None for other texts."""
        text = str(self.battery_voltage).removesuffix("mV").strip()
        return int(text) if text.isascii() and text.isdecimal() else None


class IoT1ClickButtonClicked(Model):
    """A click.

    https://docs.aws.amazon.com/iot-1-click/latest/developerguide/1click-programming.html

    Attributes:
        click_type: ``SINGLE``, ``DOUBLE`` or ``LONG``.
        reported_time: The time of the click, ISO 8601.
    """

    click_type: str
    reported_time: str

    @property
    def reported_time_utc(self) -> datetime | None:
        """`reported_time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.reported_time)


class IoT1ClickDeviceEvent(Model):
    """The event of a device.

    https://docs.aws.amazon.com/iot-1-click/latest/developerguide/1click-programming.html

    Attributes:
        button_clicked: The click.
    """

    button_clicked: IoT1ClickButtonClicked


class IoT1ClickDeviceInfo(Model):
    """A device.

    https://docs.aws.amazon.com/iot-1-click/latest/developerguide/1click-programming.html

    Attributes:
        attributes: The attributes.
        type: ``button``.
        device_id: The id.
        remaining_life: The rest of the device's life, in percent.
    """

    attributes: dict[str, str] = EMPTY
    type: str
    device_id: str
    remaining_life: float | None = None


class IoT1ClickPlacementInfo(Model):
    """The placement of a device.

    https://docs.aws.amazon.com/iot-1-click/latest/developerguide/1click-programming.html

    Attributes:
        project_name: The project.
        placement_name: The placement.
        attributes: The placement's attributes.
        devices: The placement's devices: their ids by name.
    """

    project_name: str
    placement_name: str
    attributes: dict[str, str] = EMPTY
    devices: dict[str, str] = EMPTY


class IoT1ClickEvent(Model, expects={"deviceEvent": dict}):
    """A device of IoT 1-Click was used.

    https://docs.aws.amazon.com/iot-1-click/latest/developerguide/1click-programming.html

    Attributes:
        device_event: The kind of event.
        device_info: The device.
        placement_info: The project and placement of the device.
    """

    device_event: IoT1ClickDeviceEvent
    device_info: IoT1ClickDeviceInfo
    placement_info: IoT1ClickPlacementInfo


DETECT: Signatures = {
    "IoTButtonEvent": {"serialNumber": str, "clickType": str, "batteryVoltage": str},
    "IoT1ClickEvent": {"deviceEvent": dict, "deviceInfo": dict},
}
