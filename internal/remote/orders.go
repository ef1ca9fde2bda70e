package remote

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/release"
)

// Functions is what is used of Lambda.
type Functions interface {
	Invoke(context.Context, *lambda.InvokeInput, ...func(*lambda.Options)) (*lambda.InvokeOutput, error)
}

// Order gives an order in the caller's name. It goes by way of the permission that it needs: that is the alias of the
// function which the caller must be allowed to call. An error of the function keeps its code.
func (a *Account) Order(ctx context.Context, in operate.Input) (operate.Answer, error) {
	c, err := a.Core(ctx)
	if err != nil {
		return operate.Answer{}, err
	}
	if c.Operate == "" {
		return operate.Answer{}, release.Errorf(release.NotFound, "", "the serin here (%s) takes no orders: its core stack has no function for them; update the stack", a.place)
	}
	if in.Who, err = a.Who(ctx); err != nil {
		return operate.Answer{}, err
	}
	payload, err := json.Marshal(in)
	if err != nil { // an Input is texts
		panic(err)
	}
	out, err := a.clients.Lambda.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: aws.String(c.Operate), Qualifier: aws.String(string(in.Verb.Permission())), Payload: payload,
	})
	if err != nil {
		return operate.Answer{}, a.failed(string(in.Verb)+" "+string(in.Target), err)
	}
	return answered(out)
}

// answered reads what the function made of an order.
func answered(out *lambda.InvokeOutput) (operate.Answer, error) {
	if out.FunctionError != nil {
		var failure struct{ ErrorType, ErrorMessage string }
		if err := json.Unmarshal(out.Payload, &failure); err != nil || failure.ErrorMessage == "" {
			return operate.Answer{}, release.Errorf(release.Unexpected, "the function for orders", "failed (%s): %s", *out.FunctionError, out.Payload)
		}
		return operate.Answer{}, &release.Error{Code: release.Code(failure.ErrorType), Err: errors.New(failure.ErrorMessage)}
	}
	var answer operate.Answer
	if err := json.Unmarshal(out.Payload, &answer); err != nil || answer.Target == "" {
		return answer, release.Errorf(release.Unexpected, "the function for orders", "answered what is no answer: %s", out.Payload)
	}
	return answer, nil
}
