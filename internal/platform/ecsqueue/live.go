package ecsqueue

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/serin-aws/serin/internal/awserr"
)

// liveEvery is how soon writing down what serves is tried again.
const liveEvery = 30 * time.Second

// publish writes down what serves after a release, for infrastructure code: a later deployment of it starts from this
// and so neither undoes a release nor bypasses the canary. The parameter is a StringList of the released container's
// image, the primary's task definition and the canary's, in the target's own account. Written is what is seen, whoever
// deployed it. The answer says why it could not be written, or "".
func (c *call) publish(ctx context.Context) string {
	value, err := c.live(ctx)
	if err == nil && value != "" {
		err = c.put(ctx, c.rel.Target.Name.LiveParameter(), value)
	}
	if err != nil {
		return "what serves is not written down for infrastructure code: " + err.Error()
	}
	return ""
}

// live returns the parameter's value, and "" where a service is gone.
func (c *call) live(ctx context.Context) (string, error) {
	if c.primary.service == nil || c.canary.service == nil {
		return "", nil
	}
	primary := aws.ToString(primaryDeployment(c.primary.service).TaskDefinition)
	d, _, err := c.describe(ctx, primary)
	if err != nil {
		return "", err
	}
	container, _ := containerOf(d.ContainerDefinitions, c.place.Container)
	canary := aws.ToString(primaryDeployment(c.canary.service).TaskDefinition)
	return strings.Join([]string{aws.ToString(container.Image), primary, canary}, ","), nil
}

func (c *call) put(ctx context.Context, name, value string) error {
	out, err := c.clients.SSM.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(name)})
	switch {
	case awserr.Is(err, "ParameterNotFound"):
	case err != nil:
		return awserr.Wrap("get parameter "+name, err)
	case aws.ToString(out.Parameter.Value) == value:
		return nil
	}
	c.changed = true
	_, err = c.clients.SSM.PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String(name), Value: aws.String(value), Type: ssmtypes.ParameterTypeStringList, Overwrite: aws.Bool(true),
	})
	if err != nil {
		return awserr.Wrap("put parameter "+name, err)
	}
	return nil
}
