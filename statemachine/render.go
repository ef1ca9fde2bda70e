package statemachine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	sfn "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Render synthesizes the state machine around stand-ins and returns its definition as indented JSON. What only
// CloudFormation knows is written as a ${Name}: the functions' versions, ${LedgerTable}, ${Topic}, ${Partition}.
// Any other token is an error.
func Render() ([]byte, error) {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Golden"), nil)
	props := &Props{
		DeployCanary: standIn(stack, "DeployCanary"),
		CheckAlarms:  standIn(stack, "CheckAlarms"),
		Promote:      standIn(stack, "Promote"),
		Rollback:     standIn(stack, "Rollback"),
		Ledger: awsdynamodb.NewTable(stack, jsii.String("Ledger"), &awsdynamodb.TableProps{
			PartitionKey: &awsdynamodb.Attribute{Name: jsii.String("pk"), Type: awsdynamodb.AttributeType_STRING},
		}),
		Topic: awssns.NewTopic(stack, jsii.String("Topic"), nil),
		Logs:  awslogs.NewLogGroup(stack, jsii.String("Logs"), nil),
	}
	machine := New(stack, "Machine", props)
	names := map[string]string{}
	for name, token := range map[string]*string{
		"${DeployCanary}": props.DeployCanary.FunctionArn(),
		"${CheckAlarms}":  props.CheckAlarms.FunctionArn(),
		"${Promote}":      props.Promote.FunctionArn(),
		"${Rollback}":     props.Rollback.FunctionArn(),
		"${LedgerTable}":  props.Ledger.TableName(),
		"${Topic}":        props.Topic.TopicArn(),
		"${Partition}":    awscdk.Aws_PARTITION(),
	} {
		names[canonical(stack.Resolve(token))] = name
	}
	definition, err := definitionOf(machine)
	if err != nil {
		return nil, err
	}
	text, err := join(stack.Resolve(definition), names)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(text), "", "  "); err != nil {
		return nil, fmt.Errorf("the rendered definition is not JSON: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// standIn is the version of a function without a program.
func standIn(scope constructs.Construct, name string) awslambda.IVersion {
	return awslambda.NewFunction(scope, &name, &awslambda.FunctionProps{
		Runtime: awslambda.Runtime_NODEJS_LATEST(),
		Handler: jsii.String("index.handler"),
		Code:    awslambda.Code_FromInline(jsii.String("-")),
	}).CurrentVersion()
}

// definitionOf returns the DefinitionString, which holds tokens.
func definitionOf(machine sfn.StateMachine) (*string, error) {
	resource, ok := machine.Node().DefaultChild().(sfn.CfnStateMachine)
	if !ok {
		return nil, errors.New("the state machine has no CfnStateMachine")
	}
	return resource.DefinitionString(), nil
}

// join puts an Fn::Join together, writing names for its tokens.
func join(resolved any, names map[string]string) (string, error) {
	if text, ok := resolved.(string); ok {
		return text, nil
	}
	object, _ := resolved.(map[string]any)
	parts, _ := object["Fn::Join"].([]any)
	if len(parts) != 2 || parts[0] != "" {
		return "", fmt.Errorf("the definition is neither a text nor a plain Fn::Join: %s", canonical(resolved))
	}
	items, _ := parts[1].([]any)
	var out strings.Builder
	for _, item := range items {
		if text, ok := item.(string); ok {
			out.WriteString(text)
			continue
		}
		name, ok := names[canonical(item)]
		if !ok {
			return "", fmt.Errorf("the definition holds a token without a name: %s", canonical(item))
		}
		out.WriteString(name)
	}
	return out.String(), nil
}

// canonical is a value as JSON with sorted keys.
func canonical(value any) string {
	text, err := json.Marshal(value)
	if err != nil { // resolved values come from JSON
		panic(err)
	}
	return string(text)
}
