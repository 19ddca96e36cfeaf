"""The module of each public name, so that a name loads that module only."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MODULES = {
    "_arn": "ARN",
    "_batch": "process_batch process_batch_async",
    "_bytes": "set_decompression_limit",
    "_codec": "dumps loads structure unstructure",
    "_cognito": "CognitoCallerContext CognitoTriggerEvent",
    "_converter": "converter register_hooks",
    "_detect": "detect",
    "_headers": "Headers",
    "_model": "Model",
    "_time": "claim_time",
    "_version": "__version__",
    "activemq": "ActiveMQEvent ActiveMQMessage",
    "alb": "ALBTargetGroupRequest ALBTargetGroupResponse",
    "alexa": "AlexaSkillEvent AlexaSmartHomeEvent",
    "apigateway": (
        "APIGatewayProxyEvent APIGatewayProxyRequestContext APIGatewayProxyResponse"
        " APIGatewayRequestIdentity ClientCertificate"
    ),
    "apigateway_authorizer": (
        "APIGatewayAuthorizerRequestEvent APIGatewayAuthorizerResponse"
        " APIGatewayAuthorizerTokenEvent APIGatewayV2AuthorizerEvent"
        " APIGatewayV2AuthorizerIAMResponse APIGatewayV2AuthorizerSimpleResponse"
        " APIGatewayWebSocketAuthorizerEvent route_arn"
    ),
    "apigateway_http": (
        "APIGatewayV2HTTPEvent APIGatewayV2HTTPResponse APIGatewayV2RequestContext"
    ),
    "apigateway_websocket": (
        "APIGatewayWebSocketEvent APIGatewayWebSocketRequestContext APIGatewayWebSocketResponse"
    ),
    "appsync": (
        "AppSyncBatchResolverEvent AppSyncCognitoIdentity AppSyncIAMIdentity AppSyncInfo"
        " AppSyncLambdaIdentity AppSyncOIDCIdentity AppSyncRequest AppSyncResolverEvent"
        " AppSyncResolverInvocation"
    ),
    "appsync_authorizer": "AppSyncAuthorizerEvent AppSyncAuthorizerResponse",
    "appsync_events": (
        "AppSyncEventsEvent AppSyncEventsItem AppSyncEventsResponse AppSyncEventsResult"
    ),
    "autoscaling": "AutoScalingEvent",
    "batch": "BatchJobStateChangeEvent",
    "batch_container": "BatchContainer",
    "bedrock": "BedrockAgentEvent BedrockAgentFunctionEvent BedrockAgentParameter",
    "bedrock_response": "BedrockAgentFunctionResponse BedrockAgentResponse",
    "chime": "ChimeBotEvent",
    "clientvpn": "ClientVPNConnectionHandlerEvent ClientVPNConnectionHandlerResponse",
    "cloudformation": (
        "CDKCustomResourceProviderEvent CDKCustomResourceProviderResponse"
        " CloudFormationCustomResourceEvent CloudFormationCustomResourceResponse"
    ),
    "cloudfront": "CloudFrontRequestEvent CloudFrontResponseEvent",
    "cloudfront_message": (
        "CloudFrontBody CloudFrontCustomOrigin CloudFrontHeader CloudFrontOrigin CloudFrontRequest"
        " CloudFrontResponse CloudFrontS3Origin"
    ),
    "cloudtrail": "CloudTrailEvent",
    "cloudwatch_alarm": "CloudWatchAlarmEvent CloudWatchAlarmSNSPayload",
    "cloudwatch_logs": "CloudWatchLogEvent CloudWatchLogsData CloudWatchLogsEvent",
    "cloudwatch_widget": "CloudWatchCustomWidgetEvent",
    "codebuild": "CodeBuildPhaseChangeEvent CodeBuildStateChangeEvent",
    "codecommit": "CodeCommitEvent CodeCommitRecord",
    "codedeploy": "CodeDeployLifecycleHookEvent CodeDeployStateChangeEvent",
    "codepipeline": (
        "CodePipelineActionStateChangeEvent CodePipelineExecutionStateChangeEvent"
        " CodePipelineStageStateChangeEvent"
    ),
    "codepipeline_job": "CodePipelineArtifact CodePipelineJobEvent",
    "cognito": (
        "CognitoInboundFederationEvent CognitoPostAuthenticationEvent"
        " CognitoPostConfirmationEvent CognitoPreAuthenticationEvent CognitoPreSignUpEvent"
        " CognitoUserMigrationEvent"
    ),
    "cognito_challenge": (
        "CognitoCreateAuthChallengeEvent CognitoDefineAuthChallengeEvent"
        " CognitoVerifyAuthChallengeEvent"
    ),
    "cognito_message": (
        "CognitoCustomEmailSenderEvent CognitoCustomMessageEvent CognitoCustomSMSSenderEvent"
    ),
    "cognito_sync": "CognitoSyncEvent CognitoSyncRecord",
    "cognito_token": (
        "CognitoPreTokenGenerationEvent CognitoPreTokenGenerationV2Event"
        " CognitoPreTokenGenerationV3Event"
    ),
    "config": "ConfigEvent ConfigInvokingEvent ConfigItem",
    "connect": "ConnectContactFlowEvent ConnectOutboundCampaignsEvent ConnectResponse",
    "documentdb": "DocumentDBChange DocumentDBEvent",
    "durable": (
        "DurableErrorObject DurableExecutionInvocationInput DurableExecutionInvocationOutput"
        " DurableOperation"
    ),
    "dynamodb": "DynamoDBEvent DynamoDBRecord DynamoDBTimeWindowEvent",
    "ecr": "ECRImageActionEvent ECRImageScanEvent",
    "ecs": "ECSContainerInstanceStateChangeEvent ECSTaskStateChangeEvent",
    "errors": "EventDecodeError",
    "eventbridge": "EventBridgeEvent S3EventBridgeEvent ScheduledEvent",
    "firehose": (
        "FirehoseEvent FirehoseOTFMetadata FirehoseRecord FirehoseResponse"
        " FirehoseResponseMetadata FirehoseResponseRecord MSKFirehoseEvent MSKFirehoseRecord"
        " MSKFirehoseResponse MSKFirehoseResponseRecord"
    ),
    "function_url": "LambdaFunctionURLEvent LambdaFunctionURLResponse",
    "http": "HttpRequest HttpResponse",
    "iam": "IAMPolicyDocument IAMPolicyStatement",
    "iot": (
        "IoTCustomAuthorizerEvent IoTCustomAuthorizerResponse IoTPreProvisionHookEvent"
        " IoTPreProvisionHookResponse IoTRegistryEvent"
    ),
    "iot_button": "IoT1ClickEvent IoTButtonEvent",
    "kafka": "KafkaEvent KafkaRecord",
    "kinesis": "KinesisEvent KinesisRecord KinesisTimeWindowEvent",
    "kinesis_analytics": (
        "KinesisAnalyticsInputPreprocessingEvent KinesisAnalyticsInputPreprocessingResponse"
        " KinesisAnalyticsInputRecord KinesisAnalyticsOutputDeliveryEvent"
        " KinesisAnalyticsOutputDeliveryResponse KinesisAnalyticsOutputRecord"
    ),
    "lambda_destination": "DDBStreamBatchInfo LambdaDestinationEvent LambdaOnFailureEvent",
    "lex": "LexV2DialogAction LexV2Event LexV2Intent LexV2SessionState LexV2Slot",
    "lex_response": "LexV2ImageResponseCard LexV2Message LexV2Response",
    "lex_v1": "LexV1Event LexV1Response",
    "rabbitmq": "RabbitMQEvent RabbitMQMessage",
    "s3": "S3Event S3EventRecord S3TestEvent",
    "s3_batch": "S3BatchEvent S3BatchResponse S3BatchResult S3BatchTask",
    "s3_object_lambda": "S3ObjectLambdaEvent",
    "secretsmanager": "SecretsManagerRotationEvent",
    "ses": "SESEvent SESMail SESRecord SESResponse",
    "sns": "SNSEvent SNSMessage SNSNotification SNSRecord",
    "sqs": "SQSApiMessage SQSApiMessages SQSEvent SQSRecord",
    "streams": "BatchItemFailure BatchItemFailuresResponse TimeWindow TimeWindowResponse",
    "transcribe": "TranscribeJobStateChangeEvent",
    "transfer": "TransferFamilyAuthorizerEvent TransferFamilyAuthorizerResponse",
    "translate": "TranslateStateChangeEvent",
    "vpc_lattice": "VPCLatticeEvent VPCLatticeResponse VPCLatticeV2Event",
}

HOME = {name: module for module, names in _MODULES.items() for name in names.split()}
"""The module of each public name."""


def public(name: str) -> Any:
    """Return what a public name stands for, importing its own module only."""
    module = __import__(f"{__package__}.{HOME[name]}", fromlist=(name,))
    return getattr(module, name)
