"""Systems Manager's Automation, as far as serin's runbooks use it: MiniStack has none.

CloudFormation makes the documents; StartAutomationExecution starts one, as whoever calls, with IAM asked for the
document's ARN; its one step calls a Lambda function, as MiniStack's Step Functions does (without asking for the
permission of the document's role); GetAutomationExecution says how it stands. Parameters are held to the document: one that it
does not know, that is missing, or that does not match its pattern is refused.
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartAutomationExecution.html
"""

import json
import re
import time

from ministack.core.concurrency import spawn_background
from ministack.core.iam_evaluator import request_caller_arn
from ministack.core.responses import AccountRegionScopedDict, error_response_json, json_response, new_uuid
from ministack.services import ssm, stepfunctions
from ministack.services.cloudformation import provisioners

documents = AccountRegionScopedDict()
executions = AccountRegionScopedDict()
handle_request = ssm.handle_request


def create(logical_id, properties, stack):
    documents[properties["Name"]] = properties["Content"]
    return properties["Name"], {}


def update(name, before, properties, stack):
    return create(name, properties, stack)


def delete(name, properties):
    documents.pop(name, None)


def refusal(code, message):
    return error_response_json(code, message, 400)


def wrong(document, given):
    """What is wrong with the parameters that a document is started with, or nothing."""
    fields = document["parameters"]
    for name in given:
        if name not in fields:
            return f"{name} is no parameter of the document"
    for name, field in fields.items():
        if name not in given and "default" not in field:
            return f"{name} is missing"
        for value in given.get(name, []):
            if not re.search(field.get("allowedPattern", ""), value):
                return f"{name} does not match {field['allowedPattern']}"


def start(asked, who):
    name, given = asked["DocumentName"], asked.get("Parameters", {})
    if name not in documents:
        return refusal("AutomationDefinitionNotFoundException", f"there is no document {name}")
    problem = wrong(documents[name], given)
    if problem:
        return refusal("InvalidAutomationExecutionParametersException", problem)
    execution = {
        "AutomationExecutionId": new_uuid(), "DocumentName": name, "DocumentVersion": "1", "Parameters": given, "Outputs": {},
        "AutomationExecutionStatus": "InProgress", "ExecutionStartTime": time.time(), "ExecutedBy": who,
    }
    executions[execution["AutomationExecutionId"]] = execution
    spawn_background(run, documents[name]["mainSteps"], execution, thread_name="automation")
    return json_response({"AutomationExecutionId": execution["AutomationExecutionId"]}, content_type="application/x-amz-json-1.1")


def run(steps, execution):
    (step,) = steps
    inputs = step["inputs"]
    payload = json.loads(json.dumps(inputs["InputPayload"]).replace("{{ automation:EXECUTION_ID }}", execution["AutomationExecutionId"]))
    status = "Failed"
    for _ in range(int(step.get("maxAttempts", 1))):
        try:
            answer = stepfunctions._call_lambda(inputs["FunctionName"], payload)
        except stepfunctions._ExecutionError as e:
            execution["FailureMessage"] = f"Step {step['name']} failed: {e.cause}"
            continue
        execution["Outputs"] = {step["name"] + ".Payload": [json.dumps(answer)]}
        status = "Success"
        break
    execution["AutomationExecutionStatus"] = status


def get(asked):
    execution = executions.get(asked["AutomationExecutionId"])
    if not execution:
        return refusal("AutomationExecutionNotFoundException", "there is no such execution")
    return json_response({"AutomationExecution": execution}, content_type="application/x-amz-json-1.1")


async def handle(method, path, headers, body, query_params):
    action = headers.get("x-amz-target", "")
    if action == "AmazonSSM.StartAutomationExecution":
        return start(json.loads(body), request_caller_arn(headers, query_params))
    if action == "AmazonSSM.GetAutomationExecution":
        return get(json.loads(body))
    return await handle_request(method, path, headers, body, query_params)


ssm.handle_request = handle
provisioners._RESOURCE_HANDLERS["AWS::SSM::Document"] = {"create": create, "update": update, "delete": delete}
