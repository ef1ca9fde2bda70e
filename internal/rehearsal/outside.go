package rehearsal

import (
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// Outside is what somebody who looks at the account from outside of it reads: no invocation, no faults, no time passes.
func (r *Run) Outside() (ledger.Client, story.Metrics) {
	return r.account.Table.Outside(), r.account.CloudWatch.Outside()
}

// Execution returns the ARN of the execution that makes the release.
func (r *Run) Execution() release.ExecutionARN { return r.execution.arn }
