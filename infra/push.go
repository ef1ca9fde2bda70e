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

	"github.com/serin-aws/serin/internal/release"
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
	rule := pushRule(scope, props.StateMachine, props.Topic, pushed{
		target: target.Name, what: "an image", of: "aws.ecr", kind: "ECR Image Action", detail: detail,
	})
	return &ReleaseOnImagePush{Rule: rule.rule, Missed: rule.missed}
}

// ReleaseOnCodePutProps says which objects start a release. StateMachine, Topic and Target are required.
type ReleaseOnCodePutProps struct {
	StateMachine sfn.IStateMachine // serin's
	Topic        awssns.ITopic     // who is told of an object that started nothing; serin's

	// Target is what is released. Its name and source.s3 say what to look for.
	Target *Target
}

// ReleaseOnCodePut starts a release of one function whenever a zip file is put into its place in S3.
type ReleaseOnCodePut struct {
	Rule   awsevents.Rule
	Missed awssqs.Queue // events that could not be delivered
}

// NewReleaseOnCodePut defines the rule in scope. The bucket keeps versions and sends its events to EventBridge. These come
// at least once and in any order; serin takes a second event of the same object for what it is, and an older object is not
// released after a newer one.
func NewReleaseOnCodePut(scope constructs.Construct, id string, props *ReleaseOnCodePutProps) *ReleaseOnCodePut {
	scope = constructs.NewConstruct(scope, &id)
	source := props.Target.Source.S3
	if source == nil {
		panic(fmt.Sprintf("infra: target %s has no source.s3, so no object can start a release of it", props.Target.Name))
	}
	rule := pushRule(scope, props.StateMachine, props.Topic, pushed{
		target: props.Target.Name, what: "code", of: "aws.s3", kind: "Object Created", detail: map[string]any{
			"bucket": map[string]any{"name": []string{source.Bucket}},
			"object": map[string]any{"key": []any{map[string]any{"prefix": source.Prefix}}},
		},
	})
	return &ReleaseOnCodePut{Rule: rule.rule, Missed: rule.missed}
}

// pushed says which events start a release.
type pushed struct {
	target   release.TargetName
	what     string // that is pushed, for people
	of, kind string // source and detail-type of the events
	detail   map[string]any
}

// started is a rule that starts releases, and the queue of what it could not deliver.
type started struct {
	rule   awsevents.Rule
	missed awssqs.Queue
}

func pushRule(scope constructs.Construct, machine sfn.IStateMachine, topic awssns.ITopic, p pushed) started {
	missed := newMissed(scope, topic, fmt.Sprintf("A push of %s of %s started no release. The message in the queue says which and why; start it by hand.", p.what, p.target))
	rule := awsevents.NewRule(scope, jsii.String("Rule"), &awsevents.RuleProps{
		Description:  jsii.String(fmt.Sprintf("serin: releases %s when %s is pushed", p.target, p.what)),
		EventPattern: &awsevents.EventPattern{Source: jsii.Strings(p.of), DetailType: jsii.Strings(p.kind), Detail: &p.detail},
		Targets: &[]awsevents.IRuleTarget{awseventstargets.NewSfnStateMachine(machine, &awseventstargets.SfnStateMachineProps{
			DeadLetterQueue: missed,
			MaxEventAge:     awscdk.Duration_Hours(jsii.Number(eventHours)),
			RetryAttempts:   jsii.Number(eventAttempts),
		})},
	})
	passEvent(rule, string(p.target))
	return started{rule, missed}
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
