// Package live writes down what serves after a release, in the parameter /serin/live/<target> of the target's own
// account. Infrastructure code starts from it, so that a later deployment neither undoes a release nor bypasses the
// canary.
package live

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// Client is what this package asks of AWS Systems Manager.
type Client interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
	PutParameter(context.Context, *ssm.PutParameterInput, ...func(*ssm.Options)) (*ssm.PutParameterOutput, error)
}

// again is how soon writing is tried again.
const again = 30 * time.Second

// Tell is the last part of a cleanup: Reached with the note when the values stand there, Working when they could not be
// written, which never fails a release.
func Tell(ctx context.Context, client Client, target release.TargetName, note string, values ...string) release.Progress {
	changed, err := Write(ctx, client, target, values...)
	if err != nil {
		return release.Progress{
			State: release.Working, Wait: again, Changed: changed,
			Note: "what serves is not written down for infrastructure code: " + err.Error(),
		}
	}
	return release.Progress{State: release.Reached, Note: note, Changed: changed}
}

// Write writes the values as a StringList, unless they stand there already. changed says that a write was asked for,
// answered or not.
func Write(ctx context.Context, client Client, target release.TargetName, values ...string) (changed bool, err error) {
	name, value := target.LiveParameter(), strings.Join(values, ",")
	out, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: &name})
	switch {
	case awserr.Is(err, "ParameterNotFound"):
	case err != nil:
		return false, awserr.Wrap("get parameter "+name, err)
	case out.Parameter != nil && aws.ToString(out.Parameter.Value) == value:
		return false, nil
	}
	if err := release.AnnounceChange(ctx); err != nil {
		return false, err
	}
	_, err = client.PutParameter(ctx, &ssm.PutParameterInput{
		Name: &name, Value: &value, Type: types.ParameterTypeStringList, Overwrite: aws.Bool(true),
	})
	return true, awserr.Wrap("put parameter "+name, err)
}
