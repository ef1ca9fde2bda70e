package lambdaalias

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// soon is when an alias is read back after it was changed.
const soon = 5 * time.Second

// update asks for another state of the alias, if it is still as it was read. What came of it the next call sees.
//
// weights is never nil: an empty map removes what is there, a nil one would leave it.
func (c *call) update(ctx context.Context, version string, weights map[string]float64, note string) (release.Progress, error) {
	op := fmt.Sprintf("set alias %s of function %s to version %s", c.base.Alias, c.base.Function, version)
	_, err := c.lambda.UpdateAlias(ctx, &lambda.UpdateAliasInput{
		FunctionName: &c.base.Function, Name: &c.base.Alias, FunctionVersion: &version, RevisionId: aws.String(c.alias.revision),
		RoutingConfig: &types.AliasRoutingConfiguration{AdditionalVersionWeights: weights},
	})
	switch {
	case awserr.Is(err, "PreconditionFailedException", "ResourceConflictException"):
		return working("the alias changed while it was read; looking again", true), nil
	case awserr.Is(err, "ResourceNotFoundException"):
		return release.Failed.Says(c.missing(version)), nil
	case awserr.Is(err, "InvalidParameterValueException"):
		return release.Failed.Says(fmt.Sprintf("%s: AWS refused it: %v", op, err)), nil
	case err != nil:
		return release.Progress{Changed: true}, awserr.Wrap(op, err)
	}
	return working(note, true), nil
}

// missing says that somebody has deleted a version, or the alias since it was read. Lambda gives no number twice and cannot
// be given a version's code again, so what served can come back under another number only.
func (c *call) missing(version string) string {
	text := fmt.Sprintf("version %s or alias %s of function %s does not exist any more", version, c.base.Alias, c.base.Function)
	if version != c.base.Version {
		return text
	}
	return text + fmt.Sprintf(": publish the code of version %s once more, and point the alias to the version that it gets (aws lambda update-alias --function-name %s --name %s --function-version N --routing-config AdditionalVersionWeights={})", version, c.base.Function, c.base.Alias)
}

func working(note string, changed bool) release.Progress {
	return release.Progress{State: release.Working, Wait: soon, Note: note, Changed: changed}
}
