package infra

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	sfn "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ReleaseOnImagePushProps says which pushes start a release. StateMachine, Topic and Target are required.
type ReleaseOnImagePushProps struct {
	StateMachine sfn.IStateMachine // serin's
	Topic        awssns.ITopic     // who is told of a push that started nothing; serin's

	// Target is what is released. Its name and source.ecr say what to look for.
	Target *Target
}

// ReleaseOnImagePush starts a release of one target whenever an image with one of its tags is pushed to its repository.
type ReleaseOnImagePush struct {
	Rule   awsevents.Rule
	Missed awssqs.Queue // pushes that could not be delivered
}

// NewReleaseOnImagePush defines the rule in scope. EventBridge delivers at least once and in any order; serin takes a
// second push of the same digest for what it is.
func NewReleaseOnImagePush(scope constructs.Construct, id string, props *ReleaseOnImagePushProps) *ReleaseOnImagePush {
	scope = constructs.NewConstruct(scope, &id)
	target := props.Target
	if target.Source.ECR == nil {
		panic(fmt.Sprintf("infra: target %s has no source.ecr, so no push can start a release of it", target.Name))
	}
	detail := map[string]any{
		"action-type":     []string{"PUSH"},
		"result":          []string{"SUCCESS"},
		"repository-name": []string{target.Source.ECR.Repository},
		"image-tag":       tagPatterns(target.Source.ECR.Tags),
	}
	p := &ReleaseOnImagePush{Missed: newMissed(scope, props.Topic,
		fmt.Sprintf("A push of an image of %s started no release. The message in the queue says which and why; start it by hand.", target.Name))}
	p.Rule = awsevents.NewRule(scope, jsii.String("Rule"), &awsevents.RuleProps{
		Description: jsii.String(fmt.Sprintf("serin: releases %s when an image is pushed", target.Name)),
		EventPattern: &awsevents.EventPattern{
			Source: jsii.Strings("aws.ecr"), DetailType: jsii.Strings("ECR Image Action"), Detail: &detail,
		},
		Targets: &[]awsevents.IRuleTarget{awseventstargets.NewSfnStateMachine(props.StateMachine, &awseventstargets.SfnStateMachineProps{
			DeadLetterQueue: p.Missed,
			MaxEventAge:     awscdk.Duration_Hours(jsii.Number(eventHours)),
			RetryAttempts:   jsii.Number(eventAttempts),
		})},
	})
	passEvent(p.Rule, string(target.Name))
	return p
}

// passEvent makes the rule's input {"target": name, "event": the whole event}. The CDK knows no way to write a
// placeholder for a whole event: EventBridge wants <aws.events.event.json> without quotes.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
func passEvent(rule awsevents.Rule, target string) {
	name, err := json.Marshal(target)
	if err != nil {
		panic(err)
	}
	resource, ok := rule.Node().DefaultChild().(awsevents.CfnRule)
	if !ok {
		panic("infra: the rule has no CfnRule")
	}
	resource.AddPropertyOverride(jsii.String("Targets.0.InputTransformer"), map[string]any{
		"InputTemplate": fmt.Sprintf(`{"target":%s,"event":<aws.events.event.json>}`, name),
	})
}

// tagPatterns matches tags as the target's file writes them. Without any, every tagged push is meant: the parts of an
// image of several architectures are pushed without a tag.
func tagPatterns(tags []string) []any {
	if len(tags) == 0 {
		return []any{map[string]any{"exists": true}}
	}
	var patterns []any
	for _, tag := range tags {
		patterns = append(patterns, map[string]any{"wildcard": tag})
	}
	return patterns
}
