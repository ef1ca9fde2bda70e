package ecsservice

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/serin-aws/serin/internal/release"
)

// fromNothing reports whether a side had no task before a first release: then serin starts tasks there, and rolling back
// stops them again.
func (c *Call) fromNothing(s *Side) bool { return c.rel.Request.First && s.arm.Desired == 0 }

// firstCount is how many tasks the primary gets from a first release: as many as its scaling keeps at least, and one
// where nothing scales it. More is its infrastructure's to say.
func (c *Call) firstCount() int32 {
	if c.base.Scaling == nil {
		return 1
	}
	return max(1, c.base.Scaling.Min)
}

// home is the number of tasks with which a side goes back to the baseline: whatever it has, but for a side that had none.
func (r *Homecoming) home(s *Side) *int32 {
	if r.fromNothing(s) {
		return aws.Int32(0)
	}
	return nil
}

// emptied stops the tasks of a primary that had none before a first release.
func (r *Homecoming) emptied(ctx context.Context, s *Side) (*release.Progress, error) {
	if !r.fromNothing(s) || s.service.DesiredCount == 0 {
		return nil, nil
	}
	why, err := r.apply(ctx, s, update{count: aws.Int32(0)})
	if err != nil || why != "" {
		return r.waits(r.Working(pollEvery, string(why)), err)
	}
	return r.waits(r.Working(pollEvery, fmt.Sprintf("%s goes from %d to no task, as before the first release", s.arm.Service, s.service.DesiredCount)))
}
