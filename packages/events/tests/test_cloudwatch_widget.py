"""CloudWatch dashboards: what a widget gets."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_events import CloudWatchCustomWidgetEvent, detect, structure, unstructure

CONTEXT: dict[str, Any] = {
    "dashboardName": "d",
    "widgetId": "widget-1",
    "domain": "https://eu-west-1.console.aws.amazon.com",
    "accountId": "123456789012",
    "locale": "en",
    "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0},
    "period": 300,
    "isAutoPeriod": True,
    "timeRange": {
        "mode": "relative",
        "start": 1627236199729,
        "end": 1627322599729,
        "zoom": {"start": 1627276030434, "end": 1627282956521},
    },
    "theme": "light",
    "linkCharts": True,
    "title": "t",
    "forms": {"all": {"name": "x"}},
    "params": {"original": "p"},
    "width": 588,
    "height": 369,
}


def test_parameters_are_where_the_widget_put_them() -> None:
    value = {"original": "p", "widgetContext": CONTEXT}
    event = structure(value, CloudWatchCustomWidgetEvent)
    assert event.extra == {"original": "p"}
    context = event.widget_context
    assert context is not None
    assert context.params == {"original": "p"}
    assert context.forms.all == {"name": "x"}
    assert context.timezone.offset_iso == "+00:00"
    assert str(context.time_range.start_utc) == "2021-07-25 18:03:19.729000+00:00"
    assert str(context.time_range.end_utc) == "2021-07-26 18:03:19.729000+00:00"
    assert context.time_range.zoom is not None
    assert str(context.time_range.zoom.start_utc) == "2021-07-26 05:07:10.434000+00:00"
    assert unstructure(event) == value


@pytest.mark.parametrize(
    ("value", "model"),
    [
        ({"describe": True}, "CloudWatchCustomWidgetEvent"),
        ({"describe": True, "widgetContext": CONTEXT}, "CloudWatchCustomWidgetEvent"),
        ({"describe": "me"}, None),
        ({"describe": 1}, None),
    ],
)
def test_a_question_for_the_documentation_is_recognised(value: Any, model: str | None) -> None:
    assert detect(value) == model
