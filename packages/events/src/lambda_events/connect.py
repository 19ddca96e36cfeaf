"""Amazon Connect: flows and outbound campaigns.

https://docs.aws.amazon.com/connect/latest/adminguide/connect-lambda-functions.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any, Self

    from ._arn import ARN
    from ._detect import Signatures


class ConnectEndpoint(Model, case="pascal"):
    """An address of a party.

    https://docs.aws.amazon.com/connect/latest/APIReference/API_Endpoint.html

    Attributes:
        address: The address, such as a telephone number.
        type: ``TELEPHONE_NUMBER`` or another.
        display_name: The party's name, of mail.
    """

    address: str
    type: str
    display_name: str | None = None


class ConnectQueue(Model, case="pascal"):
    """A queue.

    https://docs.aws.amazon.com/connect/latest/adminguide/connect-lambda-functions.html

    Attributes:
        arn: The ARN.
        name: The name.
        outbound_caller_id: The number that it calls from.
    """

    arn: ARN = field("ARN")
    name: str
    outbound_caller_id: ConnectEndpoint | None = None


class ConnectAudioStream(Model, case="pascal"):
    """The stream of somebody's voice in Kinesis Video Streams.

    https://docs.aws.amazon.com/connect/latest/adminguide/customer-voice-streams.html

    Attributes:
        start_fragment_number: The number of the first fragment.
        start_timestamp: The start of the stream, in milliseconds of Unix time, as text.
        stop_fragment_number: The number of the last fragment.
        stop_timestamp: The end of the stream, in milliseconds of Unix time, as text.
        stream_arn: The stream.
    """

    start_fragment_number: str | None = None
    start_timestamp: str | None = None
    stop_fragment_number: str | None = None
    stop_timestamp: str | None = None
    stream_arn: ARN | None = field("StreamARN", default=None)

    @property
    def start_timestamp_utc(self) -> datetime | None:
        """`start_timestamp` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.start_timestamp, 1000)

    @property
    def stop_timestamp_utc(self) -> datetime | None:
        """`stop_timestamp` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.stop_timestamp, 1000)


class ConnectMediaStream(Model, case="pascal"):
    """The streams of a party.

    https://docs.aws.amazon.com/connect/latest/adminguide/customer-voice-streams.html

    Attributes:
        audio: The voice; None if it is not streamed.
    """

    audio: ConnectAudioStream | None = None


class ConnectMediaStreams(Model, case="pascal"):
    """The streams of a contact.

    https://docs.aws.amazon.com/connect/latest/adminguide/customer-voice-streams.html

    Attributes:
        customer: The customer's streams.
    """

    customer: ConnectMediaStream = EMPTY


class ConnectContactData(Model, case="pascal"):
    """A contact: a call, a chat, a task or a mail.

    https://docs.aws.amazon.com/connect/latest/adminguide/connect-lambda-functions.html

    Attributes:
        contact_id: The id.
        initial_contact_id: The id of the first contact, before transfers.
        previous_contact_id: The id of the contact before a transfer.
        related_contact_id: The id of the contact that it belongs to.
        attributes: The attributes, which flows set.
        aws_region: The instance's region.
        channel: ``VOICE``, ``CHAT``, ``TASK`` or ``EMAIL``.
        customer_endpoint: The customer's address; None if it is not known.
        system_endpoint: The address that the customer reached; None if it is not known.
        customer_id: The customer's id.
        initiation_method: The start of the contact: ``INBOUND``, ``OUTBOUND``, ``TRANSFER``,
            ``CALLBACK``, ``API`` and others.
        instance_arn: The instance of Connect.
        language_code: The language that the flow set, such as ``en-US``.
        media_streams: The streams.
        queue: The queue; None if it has none.
        name: A task's name.
        description: A task's description.
        references: Links and files of a task, by name, each with ``Type`` and ``Value``.
        segment_attributes: The attributes of the contact's segment, by name.
        tags: The tags.
    """

    contact_id: str
    initial_contact_id: str | None = None
    previous_contact_id: str | None = None
    related_contact_id: str | None = None
    attributes: dict[str, str] = EMPTY
    aws_region: str | None = None
    channel: str
    customer_endpoint: ConnectEndpoint | None = None
    system_endpoint: ConnectEndpoint | None = None
    customer_id: str | None = None
    initiation_method: str
    instance_arn: ARN = field("InstanceARN")
    language_code: str | None = None
    media_streams: ConnectMediaStreams = EMPTY
    queue: ConnectQueue | None = None
    name: str | None = None
    description: str | None = None
    references: dict[str, Any] = EMPTY
    segment_attributes: dict[str, Any] = EMPTY
    tags: dict[str, str] = EMPTY


class ConnectContactFlowDetails(Model, case="pascal"):
    """The details that a flow sends.

    https://docs.aws.amazon.com/connect/latest/adminguide/connect-lambda-functions.html

    Attributes:
        contact_data: The contact.
        parameters: The parameters of the flow's block.
    """

    contact_data: ConnectContactData
    parameters: dict[str, Any] = EMPTY


class ConnectContactFlowEvent(Model, case="pascal", expects={"Details": dict}):
    """A flow came to a block that is a function.

    https://docs.aws.amazon.com/connect/latest/adminguide/connect-lambda-functions.html

    Attributes:
        name: ``ContactFlowEvent``.
        details: The contact and the parameters of the flow's block.
    """

    name: str
    details: ConnectContactFlowDetails


class ConnectResponse(Model):
    """The result for a flow: keys with text, or, if its block allows, any JSON object, up to 32 KB.

    It has no attributes of its own: the keys are in ``extra``.

    https://docs.aws.amazon.com/connect/latest/adminguide/connect-lambda-functions.html
    """

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Make a response.

        Args:
            values: The values that the flow reads under ``$.External``, by name.

        Returns:
            The response.
        """
        return cls(extra=dict(values))


class ConnectCampaignContext(Model, case="pascal"):
    """A campaign.

    https://docs.aws.amazon.com/connect/latest/adminguide/enable-outbound-campaigns.html

    Attributes:
        campaign_id: The campaign.
        campaign_name: The name.
        run_id: The run.
        action_id: The action that calls the function.
    """

    campaign_id: str
    campaign_name: str | None = None
    run_id: str | None = None
    action_id: str | None = None


class ConnectInvocationMetadata(Model, case="pascal"):
    """The reason for the invocation.

    https://docs.aws.amazon.com/connect/latest/adminguide/enable-outbound-campaigns.html

    Attributes:
        campaign_context: The campaign.
    """

    campaign_context: ConnectCampaignContext


class ConnectCustomerProfile(Model, case="pascal"):
    """A customer.

    https://docs.aws.amazon.com/connect/latest/adminguide/enable-outbound-campaigns.html

    Attributes:
        profile_id: The customer's profile.
        customer_data: The customer's profile, JSON as text.
        idempotency_token: A token that is the same when the call is repeated.
    """

    profile_id: str
    customer_data: str
    idempotency_token: str

    @property
    def customer_data_decoded(self) -> Any:
        """`customer_data` as JSON.

        Raises:
            EventDecodeError: It is not JSON.
        """
        from ._payload import decode_text

        return decode_text(self.customer_data, None, "ConnectCustomerProfile", "CustomerData")


class ConnectCampaignItems(Model, case="pascal"):
    """The customers of a campaign.

    https://docs.aws.amazon.com/connect/latest/adminguide/enable-outbound-campaigns.html

    Attributes:
        customer_profiles: The customers.
    """

    customer_profiles: list[ConnectCustomerProfile] = EMPTY


class ConnectOutboundCampaignsEvent(Model, case="pascal", expects={"InvocationMetadata": dict}):
    """An outbound campaign came to an action that is a function.

    https://docs.aws.amazon.com/connect/latest/adminguide/enable-outbound-campaigns.html

    Attributes:
        invocation_metadata: The reason for the invocation.
        items: The customers.
    """

    invocation_metadata: ConnectInvocationMetadata
    items: ConnectCampaignItems


DETECT: Signatures = {
    "ConnectContactFlowEvent": {"Name": str, "Details/ContactData": dict},
    "ConnectOutboundCampaignsEvent": {"InvocationMetadata/CampaignContext": dict, "Items": dict},
}
