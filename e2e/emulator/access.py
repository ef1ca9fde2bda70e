"""Where MiniStack's IAM falls short of AWS's: it evaluates policies and conditions, but some of what it evaluates them
against is not AWS's.

aws:PrincipalArn of a role's session is the role's ARN, path included; MiniStack takes the session's ARN.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn

aws:SecureTransport is taken for true: MiniStack listens without TLS, on this machine only, and queue policies of the
example refuse whoever comes without it.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-securetransport

A call of Lambda with a qualifier is about that version or alias; MiniStack takes the function. It also takes every call
on an alias for ListAliases.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html

A call of CloudWatch as the SDK writes it, with its name in the path, is a call of CloudWatch; MiniStack lets all of them
through.
https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html

ssm:GetParametersByPath is about the parameter that the path names; MiniStack takes all.
https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html

Automation is about documents and executions of them; MiniStack does not know it.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html

A call of ECS is about services, tasks or definitions, with the key ecs:cluster; MiniStack takes the cluster for all.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
"""

import json

from ministack.core import iam_actions, iam_evaluator
from ministack.services import iam

resolve_condition_key = iam_evaluator._resolve_condition_key
extract_iam_action = iam_actions.extract_iam_action
lambda_action = iam_actions._lambda_action
extract_resource_arn = iam_actions.extract_resource_arn
enforce = iam_evaluator.enforce


def condition_key(key, context):
    if key.lower() == "aws:securetransport":
        return "true"
    value = resolve_condition_key(key, context)
    if key.lower() == "aws:principalarn" and ":assumed-role/" in value:
        role = iam._roles.get_scoped(context.principal_account, None, value.split("/")[1])
        return role["Arn"] if role else value
    return value


def iam_action(service, method, path, headers, body, query_params):
    if service == "monitoring" and "/operation/" in path:
        return "cloudwatch:" + path.rsplit("/", 1)[1]
    return extract_iam_action(service, method, path, headers, body, query_params)


def lambda_action_of(method, path):
    parts = path.strip("/").split("/")
    if parts[-2:-1] == ["aliases"]:
        return {"GET": "GetAlias", "PUT": "UpdateAlias", "DELETE": "DeleteAlias"}[method]
    if parts[-1] == "provisioned-concurrency" and method == "GET":
        return "GetProvisionedConcurrencyConfig"
    return lambda_action(method, path)


def resource_arn(service, method, path, headers, body, query_params, region, account_id):
    if service == "ecs":
        return ecs_resource_arn(body, region, account_id)
    if service == "monitoring" and "/operation/" in path:
        return "*"
    if service == "ssm" and automation_asked_for(body):
        return f"arn:aws:ssm:{region}:{account_id}:{automation_asked_for(body)}"
    if service == "ssm" and path_asked_for(body):
        return f"arn:aws:ssm:{region}:{account_id}:parameter{path_asked_for(body)}"
    found = extract_resource_arn(service, method, path, headers, body, query_params, region, account_id)
    if service == "lambda" and found.count(":") == 6 and "Qualifier" in query_params:
        qualifier = query_params["Qualifier"]
        found += ":" + (qualifier[0] if isinstance(qualifier, list) else qualifier)
    return found


def path_asked_for(body):
    return json.loads(body or b"{}").get("Path", "").rstrip("/")


def automation_asked_for(body):
    asked = json.loads(body or b"{}")
    if "DocumentName" in asked:
        return f"automation-definition/{asked['DocumentName']}:$DEFAULT"
    return "automation-execution/" + asked["AutomationExecutionId"] if "AutomationExecutionId" in asked else ""


def ecs_resource_arn(body, region, account_id):
    asked = json.loads(body or b"{}")
    cluster = asked.get("cluster", "").rsplit("/", 1)[-1]

    def arn(kind, name):
        return name if name.startswith("arn:") else f"arn:aws:ecs:{region}:{account_id}:{kind}/{cluster}/{name}"

    for kind, names in (
        ("service", asked.get("services") or [asked.get("service")]),
        ("task", asked.get("tasks") or [asked.get("task")]),
        ("service-revision", asked.get("serviceRevisionArns") or [None]),
    ):
        if names[0]:  # the first of those that are asked for
            return arn(kind, names[0])
    if "containerDefinitions" in asked:
        return f"arn:aws:ecs:{region}:{account_id}:task-definition/{asked['family']}:*"
    return arn("container-instance", "*") if cluster else "*"  # what ListTasks is about


def enforce_with_cluster(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
    parts = resource_arn.split("/")
    if service == "ecs" and len(parts) == 3:
        cluster = parts[0].rsplit(":", 1)[0] + ":cluster/" + parts[1]
        service_context = {**(service_context or {}), "ecs:cluster": cluster}
    return enforce(access_key_id, iam_action, service, region, resource_arn, service_context)


iam_evaluator._resolve_condition_key = condition_key
iam_actions.extract_iam_action = iam_action
iam_actions._lambda_action = lambda_action_of
iam_actions.extract_resource_arn = resource_arn
iam_evaluator.enforce = enforce_with_cluster
