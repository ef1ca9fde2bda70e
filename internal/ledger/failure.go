package ledger

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// Held says that another release holds a resource. It is an expected end, not a failure.
type Held struct {
	Resource release.Resource
	Holder   release.ID
}

// Error names the resource and who holds it.
func (h *Held) Error() string {
	return fmt.Sprintf("%s is locked by release %s; it becomes free when that release has ended", h.Resource, h.Holder)
}

// HeldBy returns what is held and by whom, for callers that do not import this package.
func (h *Held) HeldBy() (release.Resource, release.ID) { return h.Resource, h.Holder }

// Codes of a transaction's cancellation reasons.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const (
	reasonCondition  = "ConditionalCheckFailed"
	reasonConflict   = "TransactionConflict"
	reasonThroughput = "ProvisionedThroughputExceeded"
	reasonThrottling = "ThrottlingError"
)

// wrap returns an answer of DynamoDB as a release.Error.
func (l *Ledger) wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	if awserr.Is(err, "ResourceNotFoundException") { // not "the release is unknown", which an absent item says
		return release.Errorf(release.Unexpected, op, "the ledger's table %s or its index %s does not exist; was the core stack deployed to this account and region? %w", l.table, indexOpen, err)
	}
	return &release.Error{Code: codeOf(err), Op: op, Err: err}
}

// codeOf returns the code that an answer of DynamoDB means. A canceled transaction has one reason an item.
func codeOf(err error) release.Code {
	canceled, ok := errors.AsType[*types.TransactionCanceledException](err)
	if !ok {
		return release.CodeOf(awserr.Wrap("", err))
	}
	code := release.Unexpected
	for _, reason := range canceled.CancellationReasons {
		switch aws.ToString(reason.Code) {
		case reasonCondition, reasonConflict:
			return release.Conflict
		case reasonThroughput, reasonThrottling:
			code = release.Throttled
		}
	}
	return code
}

// conditionFailed reports whether a condition of the transaction did not hold.
func (r *refusal) conditionFailed() bool {
	canceled, ok := errors.AsType[*types.TransactionCanceledException](r.cause)
	return ok && slices.ContainsFunc(canceled.CancellationReasons, func(reason types.CancellationReason) bool {
		return aws.ToString(reason.Code) == reasonCondition
	})
}
