package lambda_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/lambda"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// within runs a body as an invocation in an account that has one function with an alias on version 7.
func within(t *testing.T, body func(context.Context, *lambda.Control, *lambda.Alias)) {
	t.Helper()
	l := loop.New(start, 1)
	c := lambda.New(l)
	f := c.Create("orders",
		&lambda.Version{Number: "7", Role: "r"}, &lambda.Version{Number: "8", Role: "r", PendingUntil: start.Add(time.Hour)},
		&lambda.Version{Number: "9", Role: "other"}, &lambda.Version{Number: "10", Role: "r", DeadLetters: "q"}, &lambda.Version{Number: "11", Role: "r", Broken: "no image"})
	a := f.Alias("live", "7")
	over := false
	door.New(l, nil, nil).Invoke("test", "request", 3*time.Hour, func(ctx context.Context) { body(ctx, c, a) }, func(bool) { over = true })
	for !over && l.Step() {
	}
	if !over {
		t.Fatal("the invocation did not end")
	}
}

func update(version string, weights map[string]float64, revision string) *sdk.UpdateAliasInput {
	in := &sdk.UpdateAliasInput{FunctionName: aws.String("orders"), Name: aws.String("live"), FunctionVersion: &version}
	in.RoutingConfig = &types.AliasRoutingConfiguration{AdditionalVersionWeights: weights}
	if revision != "" {
		in.RevisionId = &revision
	}
	return in
}

// A nil map of weights is left out of the request, and what is there survives; an empty one removes it.
func TestWeightsSurviveANilMap(t *testing.T) {
	within(t, func(ctx context.Context, c *lambda.Control, a *lambda.Alias) {
		before := a.Revision
		for _, step := range []struct {
			in    *sdk.UpdateAliasInput
			share float64 // of version 8
		}{
			{update("7", map[string]float64{"8": .25}, before), .25},
			{update("7", nil, ""), .25},
			{update("7", map[string]float64{}, ""), 0},
		} {
			if _, handled, err := c.Handle(ctx, step.in); err != nil || !handled || a.Share("8") != step.share || a.Share("7") != 1-step.share {
				t.Errorf("%v: %v of 8, %v", step.in.RoutingConfig, a.Share("8"), err)
			}
		}
		if _, err := c.UpdateAlias(ctx, update("8", map[string]float64{}, before)); !coded(err, "PreconditionFailedException") {
			t.Error("a stale revision was taken:", err)
		}
	})
}

func coded(err error, code string) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && api.ErrorCode() == code
}

// https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
func TestWhatAnAliasMayNotRouteTo(t *testing.T) {
	within(t, func(ctx context.Context, c *lambda.Control, a *lambda.Alias) {
		for name, in := range map[string]*sdk.UpdateAliasInput{
			"$LATEST":              update("7", map[string]float64{"$LATEST": .1}, ""),
			"three versions":       update("7", map[string]float64{"8": .1, "11": .1}, ""),
			"another role":         update("7", map[string]float64{"9": .1}, ""),
			"another dead letters": update("7", map[string]float64{"10": .1}, ""),
			"itself":               update("7", map[string]float64{"7": .1}, ""),
			"more than everything": update("7", map[string]float64{"8": 1.1}, ""),
		} {
			if _, err := c.UpdateAlias(ctx, in); !coded(err, "InvalidParameterValueException") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := c.UpdateAlias(ctx, update("12", nil, "")); !coded(err, "ResourceNotFoundException") || a.Version != "7" {
			t.Error(err, a.Version)
		}
	})
}

func TestStates(t *testing.T) {
	within(t, func(ctx context.Context, c *lambda.Control, a *lambda.Alias) {
		for number, want := range map[string]types.State{"7": types.StateActive, "8": types.StatePending, "11": types.StateFailed} {
			out, err := c.GetFunctionConfiguration(ctx, &sdk.GetFunctionConfigurationInput{FunctionName: aws.String("orders"), Qualifier: &number})
			if err != nil || out.State != want {
				t.Errorf("%s: %+v %v", number, out, err)
			}
		}
		ask := &sdk.GetProvisionedConcurrencyConfigInput{FunctionName: aws.String("orders"), Qualifier: aws.String("live")}
		if _, err := c.GetProvisionedConcurrencyConfig(ctx, ask); !coded(err, "ProvisionedConcurrencyConfigNotFoundException") {
			t.Error(err)
		}
		a.Provisioned, a.ReadyAt = 5, start.Add(time.Hour)
		if out, err := c.GetProvisionedConcurrencyConfig(ctx, ask); err != nil || out.Status != types.ProvisionedConcurrencyStatusEnumInProgress {
			t.Error(out, err)
		}
	})
}
