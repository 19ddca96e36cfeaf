"""Amazon CloudWatch dashboards: custom widgets.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from ._detect import Signatures


class CloudWatchWidgetTimezone(Model):
    """The dashboard's time zone.

    Attributes:
        label: ``UTC`` or ``Local``.
        offset_iso: The offset from UTC, such as ``+00:00``.
        offset_in_minutes: The same in minutes.
    """

    label: str
    offset_iso: str = field("offsetISO")
    offset_in_minutes: int


class CloudWatchWidgetZoom(Model):
    """A part of the time that the dashboard shows.

    Attributes:
        start: The start of the range, in milliseconds of Unix time.
        end: The end of the range, in milliseconds of Unix time.
    """

    start: int
    end: int

    @property
    def start_utc(self) -> datetime | None:
        """`start` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.start, 1000)

    @property
    def end_utc(self) -> datetime | None:
        """`end` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.end, 1000)


class CloudWatchWidgetTimeRange(CloudWatchWidgetZoom):
    """The time that the dashboard shows.

    Attributes:
        mode: ``relative`` or ``absolute``.
        start: The start of the range, in milliseconds of Unix time.
        end: The end of the range, in milliseconds of Unix time.
        relative_start: The length of a relative range, in milliseconds.
        zoom: The part that the user zoomed into.
    """

    mode: str
    relative_start: int | None = None
    zoom: CloudWatchWidgetZoom | None = None


class CloudWatchWidgetForms(Model):
    """The values of the user's forms.

    Attributes:
        all: The widget's form fields, by name.
    """

    all: dict[str, Any] = EMPTY


class CloudWatchWidgetContext(Model):
    """The widget and the dashboard.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html

    Attributes:
        dashboard_name: The dashboard.
        widget_id: The widget's id.
        domain: The console's URL.
        account_id: The account's twelve digits.
        locale: The user's language, such as ``en``.
        timezone: The dashboard's time zone.
        period: The dashboard's period in seconds.
        is_auto_period: True if the period follows from the time range.
        time_range: The time that the dashboard shows.
        theme: ``light`` or ``dark``.
        link_charts: True if a zoom into one chart applies to all.
        title: The widget's title.
        forms: The values of the widget's form fields, by name.
        params: The widget's parameters, by name.
        width: The widget's width in pixels.
        height: The widget's height in pixels.
    """

    dashboard_name: str
    widget_id: str
    domain: str
    account_id: str
    locale: str
    timezone: CloudWatchWidgetTimezone
    period: int
    is_auto_period: bool
    time_range: CloudWatchWidgetTimeRange
    theme: str
    link_charts: bool
    title: str
    forms: CloudWatchWidgetForms = EMPTY
    params: dict[str, Any] | None = None
    width: int
    height: int


class CloudWatchCustomWidgetEvent(Model):
    """A dashboard shows a widget; the function returns HTML, JSON, or Markdown in JSON.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html

    The widget's parameters are in ``extra``, and in ``widget_context.params``.

    Attributes:
        describe: True when the console asks for the widget's documentation in Markdown instead.
        widget_context: The widget and the dashboard; None when `describe` is true.
    """

    describe: bool | None = None
    widget_context: CloudWatchWidgetContext | None = None


DETECT: Signatures = {
    "CloudWatchCustomWidgetEvent": {"widgetContext/dashboardName": str},
    "CloudWatchCustomWidgetEvent#2": {"describe": lambda value: value is True},
}
