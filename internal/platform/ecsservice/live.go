package ecsservice

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/serin-aws/serin/internal/live"
)

// liveEvery is how soon writing down what serves is tried again.
const liveEvery = 30 * time.Second

// publish writes down what serves after a release: the released container's image, the primary's task definition and
// the canary's. Written is what is seen, whoever deployed it. The answer says why it could not be written, or "".
func (c *Call) publish(ctx context.Context) string {
	serves, err := c.serves(ctx)
	if err == nil && serves != nil {
		var changed bool
		changed, err = live.Write(ctx, c.clients.SSM, c.rel.Target.Name, serves...)
		c.changed = c.changed || changed
	}
	if err != nil {
		return "what serves is not written down for infrastructure code: " + err.Error()
	}
	return ""
}

// serves returns what serves, and nil where a service is gone.
func (c *Call) serves(ctx context.Context) ([]string, error) {
	if c.primary.service == nil || c.canary.service == nil {
		return nil, nil
	}
	primary := aws.ToString(primaryDeployment(c.primary.service).TaskDefinition)
	d, _, err := c.describe(ctx, primary)
	if err != nil {
		return nil, err
	}
	container, _ := ContainerOf(d.ContainerDefinitions, c.place.Container)
	canary := aws.ToString(primaryDeployment(c.canary.service).TaskDefinition)
	return []string{aws.ToString(container.Image), primary, canary}, nil
}
