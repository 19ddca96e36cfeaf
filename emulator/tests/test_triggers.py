"""Schedules, rules of event buses and notifications of buckets, and what is sent by hand."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import boto3
import pytest
from botocore.exceptions import ClientError

from lambda_emulator._sources.iot_sql import MISSING
from lambda_emulator._sources.paths import NOTIFICATIONS_PATH, SEND_PATH
from lambda_emulator._sources.schedule import Once
from lambda_emulator._sources.topic_rule import TopicRule, read_message
from lambda_emulator._sources.transform import find_path, make_input

from .sources import source, trigger, watched

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .sources import Watched

    Service = Callable[[str], Any]

ACCOUNT = "us-east-1:123456789012"
ITS = '{"a": "it\'s", "b": 1}'


def post(
    emulator: Watched, path: str, body: object, headers: Mapping[str, str] = MappingProxyType({})
) -> tuple[int, dict[str, Any]]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"{emulator.server.url}{path}", data, dict(headers))
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


async def send(emulator: Watched, target: str, **fields: Any) -> tuple[int, dict[str, Any]]:
    return await asyncio.to_thread(post, emulator, SEND_PATH, {"target": target, **fields})


def test_schedules() -> None:
    template = '{"at": "<aws.scheduler.scheduled-time>", "who": "<aws.scheduler.schedule-arn>"}'

    async def scenario() -> None:
        async with watched(
            trigger("schedule", "once", expression="at(2026-01-01T00:00:00)"),
            trigger("schedule", "hourly", expression="rate(1 hour)", input='{"mode": "full"}'),
            trigger(
                "schedule", "nightly", expression="cron(0 3 * * ? *)", scheduler=True, group="ops"
            ),
            trigger(
                "schedule",
                "filled",
                expression="cron(0 3 * * ? *)",
                timezone="Europe/Berlin",
                scheduler=True,
                flexible_window=15,
                input=template,
            ),
            trigger("schedule", "wrong", expression="rate(1 year)"),
            trigger("schedule", "off", expression="rate(1 day)", enabled=False),
        ) as emulator:
            once, hourly, *_ = emulator.server.sources.triggers
            await emulator.until(lambda: hourly.status.next)  # all have been started
            soon = datetime.now(UTC) + timedelta(milliseconds=50)
            once.schedule = Once(soon)
            firing = asyncio.create_task(once.run())
            event = await emulator.event()
            await firing
            assert event.pop("id")
            assert event == {
                "version": "0",
                "detail-type": "Scheduled Event",
                "source": "aws.events",
                "account": "123456789012",
                "time": f"{soon:%Y-%m-%dT%H:%M:%SZ}",
                "region": "us-east-1",
                "resources": [f"arn:aws:events:{ACCOUNT}:rule/once"],
                "detail": {},
            }
            assert (await send(emulator, "schedule://hourly"))[0] == 200
            assert await emulator.event() == {"mode": "full"}
            await send(emulator, "schedule://nightly")
            event = await emulator.event()
            assert event["source"] == "aws.scheduler"
            assert event["resources"] == [f"arn:aws:scheduler:{ACCOUNT}:schedule/ops/nightly"]
            assert event["detail"] == "{}"
            await send(emulator, "schedule://filled")
            event = await emulator.event()
            assert event["who"] == f"arn:aws:scheduler:{ACCOUNT}:schedule/default/filled"
            assert datetime.fromisoformat(event["at"]).tzinfo is not None
            status, problem = await send(emulator, "schedule://nightli")
            assert (status, problem["message"]) == (
                409,
                "There is no schedule 'nightli': did you mean nightly?",
            )
            flexible, wrong = emulator.messages
            assert flexible.startswith("The schedule filled fires at the beginning of its flexible")
            assert wrong.startswith("The schedule wrong is left out: rate(1 year) is not a rate")
            known = emulator.server.sources.describe()["triggers"]
            assert [each["name"] for each in known] == ["once", "hourly", "nightly", "filled"]
            assert [each["fired"] for each in known] == [1, 1, 1, 1]
            assert known[0]["next"] is None
            assert known[1]["next"] > soon.timestamp()

    asyncio.run(scenario())


def test_rules() -> None:
    def client(emulator: Watched) -> Any:
        return boto3.client(
            "events",
            endpoint_url=emulator.server.url,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )

    def entry(**fields: Any) -> dict[str, Any]:
        return {"Source": "shop", "DetailType": "placed", "Detail": '{"n": 1}', **fields}

    async def scenario() -> None:
        async with watched(
            trigger("rule", "shop", pattern='{"source": ["shop"], "detail": {"n": [1]}}'),
            trigger(
                "rule",
                "own",
                bus="arn:aws:events:us-east-1:123456789012:event-bus/own",
                pattern='{"source": [{"prefix": "shop"}]}',
                input_path="$.detail",
            ),
        ) as emulator:
            events = await asyncio.to_thread(client, emulator)
            entries = [
                entry(Resources=["arn:x"], Time=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
                entry(EventBusName="own"),
                entry(Detail='{"n": 2}'),
                entry(Detail="[]"),
                entry(Detail="{"),
                entry(Source="aws.s3"),
                entry(DetailType=""),
            ]
            answer = await asyncio.to_thread(events.put_events, Entries=entries)
            assert answer["FailedEntryCount"] == 4
            answers = answer["Entries"]
            assert [each.get("ErrorCode") for each in answers] == [
                *(None, None, None),
                *("MalformedDetail", "MalformedDetail"),
                *("NotAuthorizedForSourceException", "InvalidArgument"),
            ]
            found = [await emulator.event(), await emulator.event()]
            found.sort(key=len)
            assert found == [
                {"n": 1},
                {
                    "version": "0",
                    "id": answers[0]["EventId"],
                    "detail-type": "placed",
                    "source": "shop",
                    "account": "123456789012",
                    "time": "2026-01-02T03:04:05Z",
                    "region": "us-east-1",
                    "resources": ["arn:x"],
                    "detail": {"n": 1},
                },
            ]
            for name, options in {
                "ValidationException": {"Entries": [entry()] * 11},
                "UnknownOperationException": None,
            }.items():
                call = events.list_rules if options is None else events.put_events
                with pytest.raises(ClientError) as caught:
                    await asyncio.to_thread(call, **(options or {}))
                assert caught.value.response["Error"]["Code"] == name
            tested = await asyncio.to_thread(
                events.test_event_pattern, EventPattern='{"a": [1]}', Event='{"a": 1}'
            )
            assert tested["Result"] is True
            data = json.dumps({"source": "shop", "detail-type": "x", "detail": {"n": 1}})
            await send(emulator, "events://own", data=data)
            assert await emulator.event() == {"n": 1}

    asyncio.run(scenario())


def test_notifications_of_buckets(service: Service) -> None:
    s3, sns = service("s3"), service("sns")
    s3.create_bucket(Bucket="photos")
    topic = sns.create_topic(Name="photos")["TopicArn"]

    async def scenario() -> None:
        async with watched(
            trigger(
                "s3",
                bucket="photos",
                events=("s3:ObjectCreated:*",),
                prefix="in/",
                suffix=".jpg",
            ),
            trigger("s3", "gone", bucket="docs", events=("s3:ObjectRemoved:Delete",)),
            trigger(
                "rule",
                "bus",
                pattern='{"source": ["aws.s3"], "region": [{"exists": true}],'
                ' "detail": {"bucket": {"name": ["bus"]}}}',
            ),
        ) as emulator:
            status, sent = await send(emulator, "s3://photos/in/a b+c?.jpg")
            [record] = (await emulator.event())["Records"]
            assert (status, [each["function"] for each in sent["invocations"]]) == (200, ["events"])
            assert (record["eventSource"], record["eventName"]) == ("aws:s3", "ObjectCreated:Put")
            assert record["s3"]["bucket"]["name"] == "photos"
            assert record["s3"]["object"]["key"] == "in/a+b%2Bc%3F.jpg"
            for target in ("s3://photos/in/a.png", "s3://photos/a.jpg", "s3://docs/a"):
                assert (await send(emulator, target))[1] == {"invocations": []}
            await send(emulator, "s3://docs/a", event_name="s3:ObjectRemoved:Delete")
            [record] = (await emulator.event())["Records"]
            assert record["eventName"] == "ObjectRemoved:Delete"
            assert "size" not in record["s3"]["object"]
            await send(emulator, "s3://bus/a b")
            event = await emulator.event()
            assert (event["detail-type"], event["detail"]["reason"]) == (
                "Object Created",
                "PutObject",
            )
            assert event["detail"]["object"]["key"] == "a b"
            # The message that moto sends to a topic for a new object.
            url = f"{emulator.server.url}{NOTIFICATIONS_PATH}"
            await asyncio.to_thread(sns.subscribe, TopicArn=topic, Protocol="http", Endpoint=url)
            configuration = {
                "TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]
            }
            await asyncio.to_thread(
                s3.put_bucket_notification_configuration,
                Bucket="photos",
                NotificationConfiguration=configuration,
            )
            await asyncio.to_thread(s3.put_object, Bucket="photos", Key="in/moto.jpg", Body=b"x")
            [record] = (await emulator.event())["Records"]
            assert unquote_plus(record["s3"]["object"]["key"]) == "in/moto.jpg"
            assert record["s3"]["object"]["size"] == 1
            path = NOTIFICATIONS_PATH
            wrong: list[object] = [b"{", b"[]", {}, {"Records": [{}]}, {"Records": 5}]
            for body in wrong:
                assert (await asyncio.to_thread(post, emulator, path, body))[0] == 400
            test = {"Event": "s3:TestEvent"}
            assert (await asyncio.to_thread(post, emulator, path, test))[1] == {"invocations": []}

    asyncio.run(scenario())


def test_what_only_send_brings() -> None:
    async def scenario() -> None:
        described = [
            trigger("sns", "news"),
            trigger("logs", "/aws/lambda/a"),
            trigger("iot", "hot"),
        ]
        async with watched(*described) as emulator:
            await send(emulator, "sns://news", data="hello")
            [record] = (await emulator.event())["Records"]
            assert record["Sns"]["Message"] == "hello"
            assert record["Sns"]["TopicArn"].endswith(":news")
            await send(emulator, "logs:///aws/lambda/a", data="one\ntwo")
            packed = base64.b64decode((await emulator.event())["awslogs"]["data"])
            logs = json.loads(gzip.decompress(packed))
            assert logs["logGroup"] == "/aws/lambda/a"
            assert [each["message"] for each in logs["logEvents"]] == ["one", "two"]
            await send(emulator, "iot://hot", data='{"celsius": 99}')
            assert await emulator.event() == {"celsius": 99}
            await send(emulator, "sns://other", data="to one", to="events")
            assert (await emulator.event())["Records"][0]["Sns"]["Message"] == "to one"
            for target, hint in (("sns://newz", "news"), ("iot://hit", "hot")):
                status, answer = await send(emulator, target)
                assert (status, f"did you mean {hint}?" in answer["message"]) == (409, True)

    asyncio.run(scenario())


def test_filter_policies_of_topics() -> None:
    """The policies of subscriptions, each with messages that it lets through and others."""
    big = {"price": [{"numeric": [">=", 100]}], "kind": [{"prefix": "or"}, "any"]}
    policies: dict[str, tuple[dict[str, Any], list[Any], list[Any]]] = {
        "one": (
            big,
            [{"price": 100, "kind": "order"}, {"price": 1e3, "kind": ["x", "any"]}],
            [{"price": "100", "kind": "order"}, {"price": 100}, {}, {"price": 99, "kind": "any"}],
        ),
        "two": (
            {"gone": [{"exists": False}], "tag": [{"anything-but": {"suffix": ".tmp"}}]},
            [{"tag": "a.txt"}, {"tag": ["a.tmp", "b"]}],
            [{"tag": "a.tmp"}, {"tag": "b", "gone": "1"}, {}],
        ),
        "three": (
            {
                "$or": [{"ip": [{"cidr": "10.0.0.0/8"}]}, {"who": [{"equals-ignore-case": "ME"}]}],
                "n": [{"anything-but": [1, 2]}],
            },
            [{"ip": "10.1.2.3", "n": 3}, {"who": "me", "n": "1"}],
            [{"ip": "11.1.2.3", "n": 3}, {"who": "me", "n": 2}, {"who": "me"}],
        ),
    }

    async def scenario() -> None:
        described = [
            trigger("sns", name, pattern=json.dumps(policy))
            for name, (policy, _, _) in policies.items()
        ]
        body = {"detail": {"items": {"id": [1]}}}
        described.append(
            trigger("sns", "body", pattern=json.dumps(body), filter_scope="MessageBody")
        )
        async with watched(*described) as emulator:
            await send(emulator, "sns://one", attributes={"price": 100, "kind": "order"})
            [record] = (await emulator.event())["Records"]
            assert record["Sns"]["MessageAttributes"] == {
                "price": {"Type": "Number", "Value": "100"},
                "kind": {"Type": "String", "Value": "order"},
            }
            for name, (_, fitting, unfit) in policies.items():
                for attributes in fitting:
                    _, sent = await send(emulator, f"sns://{name}", attributes=attributes)
                    assert len(sent["invocations"]) == 1, (name, attributes)
                for attributes in unfit:
                    _, sent = await send(emulator, f"sns://{name}", attributes=attributes)
                    assert sent == {"invocations": []}, (name, attributes)
            for text, count in (
                ('{"detail": {"items": [{"id": 2}, {"id": 1}]}}', 1),
                ('{"detail": {"items": [{"id": 2}]}}', 0),
                ("[1]", 0),
                ("no JSON", 0),
            ):
                _, sent = await send(emulator, "sns://body", data=text)
                assert len(sent["invocations"]) == count, text

    asyncio.run(scenario())


def test_messages_of_topics_by_http(service: Service) -> None:
    sns = service("sns")
    topic = sns.create_topic(Name="orders")["TopicArn"]

    async def scenario() -> None:
        policy = '{"kind": ["new"]}'
        described = [
            trigger("sns", "orders", pattern=policy, filter_scope="MessageBody"),
            trigger("sns", "typed", pattern=policy),
            trigger("sns", "raw"),
        ]
        async with watched(*described) as emulator:
            url = f"{emulator.server.url}{NOTIFICATIONS_PATH}"
            confirmation = {
                "Type": "SubscriptionConfirmation",
                "TopicArn": topic,
                "Token": "x",
                "SubscribeURL": "http://127.0.0.1:1/",
            }
            path = NOTIFICATIONS_PATH
            done = await asyncio.to_thread(post, emulator, path, confirmation)
            assert done == (200, {"invocations": []})
            await asyncio.to_thread(sns.subscribe, TopicArn=topic, Protocol="http", Endpoint=url)
            for kind in ("old", "new"):
                text = json.dumps({"kind": kind})
                publish = sns.publish
                await asyncio.to_thread(publish, TopicArn=topic, Message=text, Subject="s")
            [record] = (await emulator.event())["Records"]
            assert (record["Sns"]["Message"], record["Sns"]["Subject"]) == ('{"kind": "new"}', "s")
            assert record["Sns"]["TopicArn"] == topic
            notification = {  # moto sends no attributes
                "Type": "Notification",
                "MessageId": "1",
                "TopicArn": f"arn:aws:sns:{ACCOUNT}:typed",
                "Message": "m",
                "Timestamp": "2027-01-31T10:00:00.000Z",
                "MessageAttributes": {"kind": {"Type": "String", "Value": "new"}},
            }
            sent = await asyncio.to_thread(post, emulator, path, notification)
            assert (sent[0], len(sent[1]["invocations"])) == (200, 1)
            [record] = (await emulator.event())["Records"]
            assert record["Sns"]["MessageAttributes"] == notification["MessageAttributes"]
            headers = {
                "x-amz-sns-rawdelivery": "true",
                "x-amz-sns-topic-arn": f"arn:aws:sns:{ACCOUNT}:raw",
                "x-amz-sns-message-id": "the-id",
            }
            sent = await asyncio.to_thread(post, emulator, path, b"as it is", headers)
            assert (sent[0], len(sent[1]["invocations"])) == (200, 1)
            [record] = (await emulator.event())["Records"]
            assert (record["Sns"]["Message"], record["Sns"]["MessageId"]) == ("as it is", "the-id")

    asyncio.run(scenario())


def test_messages_of_topics_reach_queues(service: Service) -> None:
    """Through subscriptions of a project, by hand: as they are or in an envelope, or not at all."""
    sqs = service("sqs")
    queues = {
        name: sqs.create_queue(
            QueueName=name, Attributes={"FifoQueue": "true"} if name.endswith(".fifo") else {}
        )["QueueUrl"]
        for name in ("topic-plain", "topic-raw", "topic-filtered", "topic-ordered.fifo")
    }

    def to_queue(name: str, topic: str = "fan", **options: Any) -> Any:
        arn = f"arn:aws:sqs:{ACCOUNT}:{name}"
        return replace(trigger("sns", topic, destination=arn, **options), function="")

    def received(name: str) -> list[dict[str, Any]]:
        wanted = {"MessageAttributeNames": ["All"], "AttributeNames": ["All"]}
        found: list[dict[str, Any]] = sqs.receive_message(
            QueueUrl=queues[name], MaxNumberOfMessages=10, **wanted
        ).get("Messages", [])
        return found

    async def scenario() -> None:
        policy = '{"kind": ["new"]}'
        described = [
            to_queue("topic-plain"),
            to_queue("topic-raw", raw_delivery=True),
            to_queue("topic-filtered", pattern=policy),
            to_queue("topic-ordered.fifo", "fan.fifo"),
            to_queue("topic-nowhere", "lost"),
            trigger("sns", "fan"),
            replace(
                trigger("rule", pattern='{"source": ["shop"]}'),
                function="",
                destination=f"arn:aws:sns:{ACCOUNT}:fan",
            ),
            source("sqs", queues["topic-raw"]),
        ]
        async with watched(*described) as emulator:
            attributes = {"n": 5, "kind": "old"}
            status, sent = await send(emulator, "sns://fan", data="hi", attributes=attributes)
            assert (status, len(sent["invocations"])) == (200, 1)
            assert [each["queue"] for each in sent["messages"]] == ["topic-plain", "topic-raw"]
            [plain] = received("topic-plain")
            assert plain["MessageId"] == sent["messages"][0]["message_id"]
            assert "MessageAttributes" not in plain
            body = json.loads(plain["Body"])
            assert (body["Type"], body["Message"]) == ("Notification", "hi")
            assert body["TopicArn"] == f"arn:aws:sns:{ACCOUNT}:fan"
            assert body["MessageAttributes"]["n"] == {"Type": "Number", "Value": "5"}
            assert {"SigningCertURL", "UnsubscribeURL", "Timestamp"} <= body.keys()
            record: dict[str, Any] = {}
            while record.get("eventSource") != "aws:sqs":  # the function has the topic's own, too
                [record] = (await emulator.event())["Records"]
            assert record["body"] == "hi"
            assert record["messageAttributes"]["n"]["dataType"] == "Number"
            many = {str(number): "x" for number in range(11)}
            _, sent = await send(
                emulator, "sns://fan", data="m", attributes={**many, "kind": "new"}
            )
            reached = [each["queue"] for each in sent["messages"]]
            assert reached == ["topic-plain", "topic-filtered"]  # SQS takes ten attributes
            await send(emulator, "sns://fan.fifo", data="o", key="group")
            [ordered] = received("topic-ordered.fifo")
            assert ordered["Attributes"]["MessageGroupId"] == "group"
            assert json.loads(ordered["Body"])["SequenceNumber"]
            event = json.dumps({"source": "shop", "detail-type": "x", "detail": {}})
            _, sent = await send(emulator, "events://default", data=event)
            assert [each["topic"] for each in sent["messages"]] == ["fan"]
            bodies = [json.loads(each["Body"])["Message"] for each in received("topic-plain")]
            assert json.loads(bodies[-1])["source"] == "shop"
            status, problem = await send(emulator, "sns://lost", data="x")
            assert (status, "did not reach topic-nowhere" in problem["message"]) == (409, True)
            notification = {
                "Type": "Notification",
                "MessageId": "1",
                "TopicArn": f"arn:aws:sns:{ACCOUNT}:fan",
                "Message": "the topic fills its queues itself",
                "Timestamp": "2027-01-31T10:00:00.000Z",
            }
            _, sent = await asyncio.to_thread(post, emulator, NOTIFICATIONS_PATH, notification)
            assert (len(sent["invocations"]), "messages" in sent) == (1, False)

    asyncio.run(scenario())


def test_rules_of_iot() -> None:
    async def scenario() -> None:
        sql = "SELECT *, topic(2) AS device FROM 'rooms/+/state' WHERE celsius > 30"
        described = [
            trigger("iot", "hot", sql=sql),
            trigger("iot", "all", sql="SELECT on FROM 'rooms/#'"),
            trigger("iot", "wrong", sql="SELECT aws_lambda('x') AS y FROM 'rooms/#'"),
        ]
        async with watched(*described) as emulator:
            data = '{"celsius": 31, "on": true}'
            _, sent = await send(emulator, "iot://rooms/kitchen/state", data=data)
            assert len(sent["invocations"]) == 2
            events = [await emulator.event(), await emulator.event()]
            assert {"celsius": 31, "on": True, "device": "kitchen"} in events
            assert {"on": True} in events
            _, sent = await send(emulator, "iot://hot", data='{"celsius": 29}')
            assert sent == {"invocations": []}
            assert (await send(emulator, "iot://other", data=data))[1] == {"invocations": []}
            assert any("aws_lambda()" in each for each in emulator.messages)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("sql", "topic", "data", "expected"),
    [
        ("SELECT * FROM 'a/b'", "a/b", "plain", "cGxhaW4="),
        ("select c.r, s.* from 'a/#'", "a", '{"c": {"r": 1}, "s": {"x": 2}}', {"r": 1, "x": 2}),
        ("SELECT c * 9 / 5 + 32 AS f, -c AS n FROM 'a'", "a", '{"c": 10}', {"f": 50.0, "n": -10}),
        ("SELECT upper(a) AS a, b FROM '+'", "x", '{"a": "y"}', {"a": "Y"}),
        ("SELECT b FROM '+/#' WHERE NOT (a <> 'it''s' OR b >= 2)", "x", ITS, {"b": 1}),
        ("SELECT a FROM '#' WHERE a = 'x' AND b <> 2", "x/y", '{"a": "x", "b": 1}', {"a": "x"}),
        ("SELECT a FROM '#' WHERE a = true", "x", '{"a": 1}', MISSING),
        ("SELECT a FROM '#' WHERE a >= '5'", "x", '{"a": 10}', {"a": 10}),
        ("SELECT a FROM '#' WHERE isUndefined(b)", "x", '{"a": null}', {"a": None}),
    ],
)
def test_sql_of_iot(sql: str, topic: str, data: str, expected: object) -> None:
    rule = TopicRule(sql)
    assert rule.takes(topic)
    assert rule.select(read_message(topic, data)) == expected


@pytest.mark.parametrize(
    ("topics", "topic"),
    [("a/+", "a/b/c"), ("a/+", "a"), ("#", "$aws/things"), ("a/b/#", "a"), ("A", "a")],
)
def test_topics_that_a_rule_is_not_for(topics: str, topic: str) -> None:
    assert not TopicRule(f"SELECT * FROM '{topics}'").takes(topic)


def test_events_for_a_function_without_a_source() -> None:
    async def scenario() -> None:
        async with watched() as emulator:
            await send(emulator, "sqs://orders", data='{"a": 1}', to="events")
            [record] = (await emulator.event())["Records"]
            assert record["body"] == '{"a": 1}'
            assert record["eventSourceARN"] == f"arn:aws:sqs:{ACCOUNT}:orders"
            await send(emulator, "kinesis://clicks", data="x", to="events", key="k")
            [record] = (await emulator.event())["Records"]
            assert (record["kinesis"]["data"], record["kinesis"]["partitionKey"]) == ("eA==", "k")
            await send(emulator, "events://default", data='{"source": "x"}', to="events")
            assert (await emulator.event())["source"] == "x"
            await send(emulator, "schedule://nightly", to="events")
            assert (await emulator.event())["detail-type"] == "Scheduled Event"
            await send(emulator, "s3://b/k", to="events")
            assert (await emulator.event())["Records"][0]["s3"]["object"]["key"] == "k"
            for target, fields, words in (
                ("sqs://q", {"to": "event"}, "did you mean events?"),
                ("ftp://q", {}, "is not a place to send to"),
                ("s3://bucket", {}, "must name a bucket and a key"),
                ("events://default", {"data": "{"}, "is not JSON"),
                ("events://default", {"data": "[]"}, "An event is an object"),
                ("schedule://x", {}, "There is no schedule 'x'"),
            ):
                status, problem = await send(emulator, target, **fields)
                assert status == 409
                assert words in problem["message"]
            malformed: list[dict[str, Any]] = [{"unknown": ""}, {"data": 5}, {"to": []}]
            for each in malformed:
                assert (await send(emulator, "s3://b/k", **each))[0] == 400

    asyncio.run(scenario())


def test_a_message_is_sent_to_a_queue(service: Service) -> None:
    sqs = service("sqs")
    sqs.create_queue(QueueName="sent")
    fifo = {"FifoQueue": "true"}
    sqs.create_queue(QueueName="sent.fifo", Attributes=fifo)

    async def scenario() -> None:
        async with watched() as emulator:
            for name in ("sent", "sent.fifo"):
                status, answer = await send(emulator, f"sqs://{name}", data="hi", key="group")
                assert status == 200
                url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
                [message] = sqs.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"]
                assert (message["MessageId"], message["Body"]) == (answer["message_id"], "hi")
            assert message["Attributes"]["MessageGroupId"] == "group"
            status, problem = await send(emulator, "sqs://none", data="hi")
            assert (status, "cannot be reached" in problem["message"]) == (409, True)

    asyncio.run(scenario())


EVENT = {
    "source": "shop",
    "detail": {"name": 'A "quoted" <name>', "count": 3, "items": [{"id": 7}], "on": True},
}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, EVENT),
        ({"input": '{"a": 1}'}, {"a": 1}),
        ({"input": "plain"}, "plain"),
        ({"input_path": "$.detail.items[0].id"}, 7),
        ({"input_path": "$.detail.missing.id"}, None),
        ({"input_path": "$"}, EVENT),
        (
            {"input_template": ({"c": "$.detail.count"}, '{"count": <c>, "text": "<c> of <x>"}')},
            {"count": 3, "text": "3 of <x>"},
        ),
        (
            {"input_template": ({"n": "$.detail.name", "d": "$.detail"}, '["<n>", <n>, <d>]')},
            [EVENT["detail"]["name"], EVENT["detail"]["name"], EVENT["detail"]],  # type: ignore[index]
        ),
        ({"input_template": ({"m": "$.missing"}, '{"a": <m>, "b": "<m>"}')}, {"a": None, "b": ""}),
        ({"input_template": ({"s": "$.source"}, '"from <s>"')}, "from shop"),
        ({"input_template": ({}, "<aws.events.rule-name>, <aws.events.event.json>")}, ...),
        ({"input_template": ({}, '{"r": "<aws.events.rule-arn>"}')}, {"r": "arn"}),
    ],
)
def test_the_input_of_a_target(options: dict[str, Any], expected: object) -> None:
    made = json.loads(make_input(trigger("rule", **options), EVENT, "arn"))
    if expected is ...:
        assert made.startswith('"it", {"source": "shop"')
    else:
        assert made == expected


def test_paths_in_an_event() -> None:
    event = {"a b": [{"c": 1}], "d": {"e": None}}
    assert find_path(event, "$['a b'][0].c") == 1
    assert find_path(event, "$['a b'][1].c") is None
    assert find_path(event, "$.d[0]") is None
    assert find_path(event, "$.d.e.f") is None
