// Package awserr turns what an AWS SDK client answers into the error codes of serin, in one place, so that every
// package treats a throttle as a throttle.
package awserr

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/release"
)

var throttles = []string{
	"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
	"TooManyRequestsException", "RequestLimitExceeded", "ProvisionedThroughputExceededException", "LimitExceededFault",
	"BandwidthLimitExceeded", "SlowDown", "PriorRequestNotComplete", "TransactionInProgressException",
}

var denials = []string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "NotAuthorized"}

// Wrap returns err as a release.Error with the code that AWS's answer means; nil stays nil, and an error that has a
// code already keeps it. op says what was tried, in words a person can read.
//
// A server error and an answer that never came are both Unavailable: whether the call had an effect is not known, so
// the caller looks at the world again.
func Wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*release.Error](err); ok {
		return known
	}
	return &release.Error{Code: codeOf(err), Op: op, Err: err}
}

func codeOf(err error) release.Code {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return release.Unavailable
	}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return release.Unavailable // no answer of the service: connection, DNS, credentials of the moment
	}
	switch code := api.ErrorCode(); {
	case slices.Contains(throttles, code):
		return release.Throttled
	case slices.Contains(denials, code):
		return release.Denied
	case api.ErrorFault() == smithy.FaultServer, strings.Contains(code, "InternalServer"), strings.Contains(code, "InternalFailure"), strings.Contains(code, "ServiceUnavailable"), code == "ServerException":
		return release.Unavailable
	case strings.Contains(code, "NotFound"), strings.Contains(code, "NonExistent"):
		return release.NotFound
	case strings.Contains(code, "Validation"), strings.Contains(code, "InvalidParameter"), code == "ClientException":
		return release.Invalid
	}
	return release.Unexpected
}

// Is reports whether AWS answered with one of the given error codes.
func Is(err error, codes ...string) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && slices.Contains(codes, api.ErrorCode())
}
