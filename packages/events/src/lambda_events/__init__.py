"""Typed, lossless models of AWS Lambda events and responses.

Names load when they are first used: ``from lambda_events import SQSEvent`` loads SQS's module only.
"""

TYPE_CHECKING = False  # importing typing for this name would be felt in every cold start
if TYPE_CHECKING:
    from ._arn import ARN as ARN
    from ._batch import process_batch as process_batch, process_batch_async as process_batch_async
    from ._bytes import set_decompression_limit as set_decompression_limit
    from ._codec import (
        dumps as dumps,
        loads as loads,
        structure as structure,
        unstructure as unstructure,
    )
    from ._cognito import (
        CognitoCallerContext as CognitoCallerContext,
        CognitoTriggerEvent as CognitoTriggerEvent,
    )
    from ._converter import converter as converter, register_hooks as register_hooks
    from ._detect import detect as detect
    from ._headers import Headers as Headers
    from ._model import Model as Model
    from ._time import claim_time as claim_time
    from ._version import __version__ as __version__
    from .activemq import ActiveMQEvent as ActiveMQEvent, ActiveMQMessage as ActiveMQMessage
    from .alb import (
        ALBTargetGroupRequest as ALBTargetGroupRequest,
        ALBTargetGroupResponse as ALBTargetGroupResponse,
    )
    from .alexa import (
        AlexaSkillEvent as AlexaSkillEvent,
        AlexaSmartHomeEvent as AlexaSmartHomeEvent,
    )
    from .apigateway import (
        APIGatewayProxyEvent as APIGatewayProxyEvent,
        APIGatewayProxyRequestContext as APIGatewayProxyRequestContext,
        APIGatewayProxyResponse as APIGatewayProxyResponse,
        APIGatewayRequestIdentity as APIGatewayRequestIdentity,
        ClientCertificate as ClientCertificate,
    )
    from .apigateway_authorizer import (
        APIGatewayAuthorizerRequestEvent as APIGatewayAuthorizerRequestEvent,
        APIGatewayAuthorizerResponse as APIGatewayAuthorizerResponse,
        APIGatewayAuthorizerTokenEvent as APIGatewayAuthorizerTokenEvent,
        APIGatewayV2AuthorizerEvent as APIGatewayV2AuthorizerEvent,
        APIGatewayV2AuthorizerIAMResponse as APIGatewayV2AuthorizerIAMResponse,
        APIGatewayV2AuthorizerSimpleResponse as APIGatewayV2AuthorizerSimpleResponse,
        APIGatewayWebSocketAuthorizerEvent as APIGatewayWebSocketAuthorizerEvent,
        route_arn as route_arn,
    )
    from .apigateway_http import (
        APIGatewayV2HTTPEvent as APIGatewayV2HTTPEvent,
        APIGatewayV2HTTPResponse as APIGatewayV2HTTPResponse,
        APIGatewayV2RequestContext as APIGatewayV2RequestContext,
    )
    from .apigateway_websocket import (
        APIGatewayWebSocketEvent as APIGatewayWebSocketEvent,
        APIGatewayWebSocketRequestContext as APIGatewayWebSocketRequestContext,
        APIGatewayWebSocketResponse as APIGatewayWebSocketResponse,
    )
    from .appsync import (
        AppSyncBatchResolverEvent as AppSyncBatchResolverEvent,
        AppSyncCognitoIdentity as AppSyncCognitoIdentity,
        AppSyncIAMIdentity as AppSyncIAMIdentity,
        AppSyncInfo as AppSyncInfo,
        AppSyncLambdaIdentity as AppSyncLambdaIdentity,
        AppSyncOIDCIdentity as AppSyncOIDCIdentity,
        AppSyncRequest as AppSyncRequest,
        AppSyncResolverEvent as AppSyncResolverEvent,
        AppSyncResolverInvocation as AppSyncResolverInvocation,
    )
    from .appsync_authorizer import (
        AppSyncAuthorizerEvent as AppSyncAuthorizerEvent,
        AppSyncAuthorizerResponse as AppSyncAuthorizerResponse,
    )
    from .appsync_events import (
        AppSyncEventsEvent as AppSyncEventsEvent,
        AppSyncEventsItem as AppSyncEventsItem,
        AppSyncEventsResponse as AppSyncEventsResponse,
        AppSyncEventsResult as AppSyncEventsResult,
    )
    from .autoscaling import AutoScalingEvent as AutoScalingEvent
    from .batch import BatchJobStateChangeEvent as BatchJobStateChangeEvent
    from .batch_container import BatchContainer as BatchContainer
    from .bedrock import (
        BedrockAgentEvent as BedrockAgentEvent,
        BedrockAgentFunctionEvent as BedrockAgentFunctionEvent,
        BedrockAgentParameter as BedrockAgentParameter,
    )
    from .bedrock_response import (
        BedrockAgentFunctionResponse as BedrockAgentFunctionResponse,
        BedrockAgentResponse as BedrockAgentResponse,
    )
    from .chime import ChimeBotEvent as ChimeBotEvent
    from .clientvpn import (
        ClientVPNConnectionHandlerEvent as ClientVPNConnectionHandlerEvent,
        ClientVPNConnectionHandlerResponse as ClientVPNConnectionHandlerResponse,
    )
    from .cloudformation import (
        CDKCustomResourceProviderEvent as CDKCustomResourceProviderEvent,
        CDKCustomResourceProviderResponse as CDKCustomResourceProviderResponse,
        CloudFormationCustomResourceEvent as CloudFormationCustomResourceEvent,
        CloudFormationCustomResourceResponse as CloudFormationCustomResourceResponse,
    )
    from .cloudfront import (
        CloudFrontRequestEvent as CloudFrontRequestEvent,
        CloudFrontResponseEvent as CloudFrontResponseEvent,
    )
    from .cloudfront_message import (
        CloudFrontBody as CloudFrontBody,
        CloudFrontCustomOrigin as CloudFrontCustomOrigin,
        CloudFrontHeader as CloudFrontHeader,
        CloudFrontOrigin as CloudFrontOrigin,
        CloudFrontRequest as CloudFrontRequest,
        CloudFrontResponse as CloudFrontResponse,
        CloudFrontS3Origin as CloudFrontS3Origin,
    )
    from .cloudtrail import CloudTrailEvent as CloudTrailEvent
    from .cloudwatch_alarm import (
        CloudWatchAlarmEvent as CloudWatchAlarmEvent,
        CloudWatchAlarmSNSPayload as CloudWatchAlarmSNSPayload,
    )
    from .cloudwatch_logs import (
        CloudWatchLogEvent as CloudWatchLogEvent,
        CloudWatchLogsData as CloudWatchLogsData,
        CloudWatchLogsEvent as CloudWatchLogsEvent,
    )
    from .cloudwatch_widget import CloudWatchCustomWidgetEvent as CloudWatchCustomWidgetEvent
    from .codebuild import (
        CodeBuildPhaseChangeEvent as CodeBuildPhaseChangeEvent,
        CodeBuildStateChangeEvent as CodeBuildStateChangeEvent,
    )
    from .codecommit import CodeCommitEvent as CodeCommitEvent, CodeCommitRecord as CodeCommitRecord
    from .codedeploy import (
        CodeDeployLifecycleHookEvent as CodeDeployLifecycleHookEvent,
        CodeDeployStateChangeEvent as CodeDeployStateChangeEvent,
    )
    from .codepipeline import (
        CodePipelineActionStateChangeEvent as CodePipelineActionStateChangeEvent,
        CodePipelineExecutionStateChangeEvent as CodePipelineExecutionStateChangeEvent,
        CodePipelineStageStateChangeEvent as CodePipelineStageStateChangeEvent,
    )
    from .codepipeline_job import (
        CodePipelineArtifact as CodePipelineArtifact,
        CodePipelineJobEvent as CodePipelineJobEvent,
    )
    from .cognito import (
        CognitoInboundFederationEvent as CognitoInboundFederationEvent,
        CognitoPostAuthenticationEvent as CognitoPostAuthenticationEvent,
        CognitoPostConfirmationEvent as CognitoPostConfirmationEvent,
        CognitoPreAuthenticationEvent as CognitoPreAuthenticationEvent,
        CognitoPreSignUpEvent as CognitoPreSignUpEvent,
        CognitoUserMigrationEvent as CognitoUserMigrationEvent,
    )
    from .cognito_challenge import (
        CognitoCreateAuthChallengeEvent as CognitoCreateAuthChallengeEvent,
        CognitoDefineAuthChallengeEvent as CognitoDefineAuthChallengeEvent,
        CognitoVerifyAuthChallengeEvent as CognitoVerifyAuthChallengeEvent,
    )
    from .cognito_message import (
        CognitoCustomEmailSenderEvent as CognitoCustomEmailSenderEvent,
        CognitoCustomMessageEvent as CognitoCustomMessageEvent,
        CognitoCustomSMSSenderEvent as CognitoCustomSMSSenderEvent,
    )
    from .cognito_sync import (
        CognitoSyncEvent as CognitoSyncEvent,
        CognitoSyncRecord as CognitoSyncRecord,
    )
    from .cognito_token import (
        CognitoPreTokenGenerationEvent as CognitoPreTokenGenerationEvent,
        CognitoPreTokenGenerationV2Event as CognitoPreTokenGenerationV2Event,
        CognitoPreTokenGenerationV3Event as CognitoPreTokenGenerationV3Event,
    )
    from .config import (
        ConfigEvent as ConfigEvent,
        ConfigInvokingEvent as ConfigInvokingEvent,
        ConfigItem as ConfigItem,
    )
    from .connect import (
        ConnectContactFlowEvent as ConnectContactFlowEvent,
        ConnectOutboundCampaignsEvent as ConnectOutboundCampaignsEvent,
        ConnectResponse as ConnectResponse,
    )
    from .documentdb import DocumentDBChange as DocumentDBChange, DocumentDBEvent as DocumentDBEvent
    from .durable import (
        DurableErrorObject as DurableErrorObject,
        DurableExecutionInvocationInput as DurableExecutionInvocationInput,
        DurableExecutionInvocationOutput as DurableExecutionInvocationOutput,
        DurableOperation as DurableOperation,
    )
    from .dynamodb import (
        DynamoDBEvent as DynamoDBEvent,
        DynamoDBRecord as DynamoDBRecord,
        DynamoDBTimeWindowEvent as DynamoDBTimeWindowEvent,
    )
    from .ecr import (
        ECRImageActionEvent as ECRImageActionEvent,
        ECRImageScanEvent as ECRImageScanEvent,
    )
    from .ecs import (
        ECSContainerInstanceStateChangeEvent as ECSContainerInstanceStateChangeEvent,
        ECSTaskStateChangeEvent as ECSTaskStateChangeEvent,
    )
    from .errors import EventDecodeError as EventDecodeError
    from .eventbridge import (
        EventBridgeEvent as EventBridgeEvent,
        S3EventBridgeEvent as S3EventBridgeEvent,
        ScheduledEvent as ScheduledEvent,
    )
    from .firehose import (
        FirehoseEvent as FirehoseEvent,
        FirehoseOTFMetadata as FirehoseOTFMetadata,
        FirehoseRecord as FirehoseRecord,
        FirehoseResponse as FirehoseResponse,
        FirehoseResponseMetadata as FirehoseResponseMetadata,
        FirehoseResponseRecord as FirehoseResponseRecord,
        MSKFirehoseEvent as MSKFirehoseEvent,
        MSKFirehoseRecord as MSKFirehoseRecord,
        MSKFirehoseResponse as MSKFirehoseResponse,
        MSKFirehoseResponseRecord as MSKFirehoseResponseRecord,
    )
    from .function_url import (
        LambdaFunctionURLEvent as LambdaFunctionURLEvent,
        LambdaFunctionURLResponse as LambdaFunctionURLResponse,
    )
    from .http import HttpRequest as HttpRequest, HttpResponse as HttpResponse
    from .iam import (
        IAMPolicyDocument as IAMPolicyDocument,
        IAMPolicyStatement as IAMPolicyStatement,
    )
    from .iot import (
        IoTCustomAuthorizerEvent as IoTCustomAuthorizerEvent,
        IoTCustomAuthorizerResponse as IoTCustomAuthorizerResponse,
        IoTPreProvisionHookEvent as IoTPreProvisionHookEvent,
        IoTPreProvisionHookResponse as IoTPreProvisionHookResponse,
        IoTRegistryEvent as IoTRegistryEvent,
    )
    from .iot_button import IoT1ClickEvent as IoT1ClickEvent, IoTButtonEvent as IoTButtonEvent
    from .kafka import KafkaEvent as KafkaEvent, KafkaRecord as KafkaRecord
    from .kinesis import (
        KinesisEvent as KinesisEvent,
        KinesisRecord as KinesisRecord,
        KinesisTimeWindowEvent as KinesisTimeWindowEvent,
    )
    from .kinesis_analytics import (
        KinesisAnalyticsInputPreprocessingEvent as KinesisAnalyticsInputPreprocessingEvent,
        KinesisAnalyticsInputPreprocessingResponse as KinesisAnalyticsInputPreprocessingResponse,
        KinesisAnalyticsInputRecord as KinesisAnalyticsInputRecord,
        KinesisAnalyticsOutputDeliveryEvent as KinesisAnalyticsOutputDeliveryEvent,
        KinesisAnalyticsOutputDeliveryResponse as KinesisAnalyticsOutputDeliveryResponse,
        KinesisAnalyticsOutputRecord as KinesisAnalyticsOutputRecord,
    )
    from .lambda_destination import (
        DDBStreamBatchInfo as DDBStreamBatchInfo,
        LambdaDestinationEvent as LambdaDestinationEvent,
        LambdaOnFailureEvent as LambdaOnFailureEvent,
    )
    from .lex import (
        LexV2DialogAction as LexV2DialogAction,
        LexV2Event as LexV2Event,
        LexV2Intent as LexV2Intent,
        LexV2SessionState as LexV2SessionState,
        LexV2Slot as LexV2Slot,
    )
    from .lex_response import (
        LexV2ImageResponseCard as LexV2ImageResponseCard,
        LexV2Message as LexV2Message,
        LexV2Response as LexV2Response,
    )
    from .lex_v1 import LexV1Event as LexV1Event, LexV1Response as LexV1Response
    from .rabbitmq import RabbitMQEvent as RabbitMQEvent, RabbitMQMessage as RabbitMQMessage
    from .s3 import S3Event as S3Event, S3EventRecord as S3EventRecord, S3TestEvent as S3TestEvent
    from .s3_batch import (
        S3BatchEvent as S3BatchEvent,
        S3BatchResponse as S3BatchResponse,
        S3BatchResult as S3BatchResult,
        S3BatchTask as S3BatchTask,
    )
    from .s3_object_lambda import S3ObjectLambdaEvent as S3ObjectLambdaEvent
    from .secretsmanager import SecretsManagerRotationEvent as SecretsManagerRotationEvent
    from .ses import (
        SESEvent as SESEvent,
        SESMail as SESMail,
        SESRecord as SESRecord,
        SESResponse as SESResponse,
    )
    from .sns import (
        SNSEvent as SNSEvent,
        SNSMessage as SNSMessage,
        SNSNotification as SNSNotification,
        SNSRecord as SNSRecord,
    )
    from .sqs import (
        SQSApiMessage as SQSApiMessage,
        SQSApiMessages as SQSApiMessages,
        SQSEvent as SQSEvent,
        SQSRecord as SQSRecord,
    )
    from .streams import (
        BatchItemFailure as BatchItemFailure,
        BatchItemFailuresResponse as BatchItemFailuresResponse,
        TimeWindow as TimeWindow,
        TimeWindowResponse as TimeWindowResponse,
    )
    from .transcribe import TranscribeJobStateChangeEvent as TranscribeJobStateChangeEvent
    from .transfer import (
        TransferFamilyAuthorizerEvent as TransferFamilyAuthorizerEvent,
        TransferFamilyAuthorizerResponse as TransferFamilyAuthorizerResponse,
    )
    from .translate import TranslateStateChangeEvent as TranslateStateChangeEvent
    from .vpc_lattice import (
        VPCLatticeEvent as VPCLatticeEvent,
        VPCLatticeResponse as VPCLatticeResponse,
        VPCLatticeV2Event as VPCLatticeV2Event,
    )


def __getattr__(name: str) -> object:
    from ._names import HOME

    if name == "__all__":
        return __dir__()
    home = HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = __import__(f"{__name__}.{home}", fromlist=(name,))
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    from ._names import HOME

    # Acronyms, classes, functions: in the order in which linters want a list of names.
    return sorted(HOME, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
