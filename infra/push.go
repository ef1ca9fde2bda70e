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

// ReleaseOnPushProps says of what a push starts a release. StateMachine, Topic and Target are required.
type ReleaseOnPushProps struct {
	StateMachine sfn.IStateMachine // serin's
	Topic        awssns.ITopic     // who is told of a push that started nothing; serin's

	// Target is what is released. Its name and source.ecr or source.s3 say what to look for.
	Target *Target
}

// ReleaseOnPush starts a release of one target whenever its code is pushed.
type ReleaseOnPush struct {
	Rule   awsevents.Rule
	Missed awssqs.Queue // pushes that could not be delivered
}

// NewReleaseOnImagePush starts a release whenever an image with one of the target's tags is pushed to its repository.
// EventBridge delivers at least once and in any order; serin takes a second push of the same digest for what it is.
func NewReleaseOnImagePush(scope constructs.Construct, id string, props *ReleaseOnPushProps) *ReleaseOnPush {
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
	return releaseOn(scope, id, props, pushed{what: "an image", of: "aws.ecr", kind: "ECR Image Action", detail: detail})
}

// NewReleaseOnCodePut starts a release of a function whenever a zip file is put into its place in S3. The bucket keeps
// versions and sends its events to EventBridge. These come at least once and in any order; serin takes a second event of
// the same object for what it is, and an older object is not released after a newer one.
func NewReleaseOnCodePut(scope constructs.Construct, id string, props *ReleaseOnPushProps) *ReleaseOnPush {
	source := props.Target.Source.S3
	if source == nil {
		panic(fmt.Sprintf("infra: target %s has no source.s3, so no object can start a release of it", props.Target.Name))
	}
	return releaseOn(scope, id, props, pushed{what: "code", of: "aws.s3", kind: "Object Created", detail: map[string]any{
		"bucket": map[string]any{"name": []string{source.Bucket}},
		"object": map[string]any{"key": []any{map[string]any{"prefix": source.Prefix}}},
	}})
}

// pushed says which events start a release.
type pushed struct {
	what     string // that is pushed, for people
	of, kind string // source and detail-type of the events
	detail   map[string]any
}

func releaseOn(scope constructs.Construct, id string, props *ReleaseOnPushProps, p pushed) *ReleaseOnPush {
	scope = constructs.NewConstruct(scope, &id)
	target := string(props.Target.Name)
	missed := newMissed(scope, props.Topic, fmt.Sprintf("A push of %s of %s started no release. The message in the queue says which and why; start it by hand.", p.what, target))
	rule := awsevents.NewRule(scope, jsii.String("Rule"), &awsevents.RuleProps{
		Description:  jsii.String(fmt.Sprintf("serin: releases %s when %s is pushed", target, p.what)),
		EventPattern: &awsevents.EventPattern{Source: jsii.Strings(p.of), DetailType: jsii.Strings(p.kind), Detail: &p.detail},
		Targets: &[]awsevents.IRuleTarget{awseventstargets.NewSfnStateMachine(props.StateMachine, &awseventstargets.SfnStateMachineProps{
			DeadLetterQueue: missed,
			MaxEventAge:     awscdk.Duration_Hours(jsii.Number(eventHours)),
			RetryAttempts:   jsii.Number(eventAttempts),
		})},
	})
	passEvent(rule, target)
	return &ReleaseOnPush{Rule: rule, Missed: missed}
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
