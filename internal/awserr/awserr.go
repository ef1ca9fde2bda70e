// Package awserr turns what an AWS SDK client answers into the error codes of serin, in one place, so that every
// package treats a throttle as a throttle.
package awserr

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
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
	status := statusOf(err)
	switch code := api.ErrorCode(); {
	case slices.Contains(throttles, code), status == http.StatusTooManyRequests:
		return release.Throttled
	case slices.Contains(denials, code):
		return release.Denied
	case api.ErrorFault() == smithy.FaultServer, strings.Contains(code, "InternalServer"), strings.Contains(code, "InternalFailure"), strings.Contains(code, "ServiceUnavailable"), code == "ServerException",
		status >= http.StatusInternalServerError: // of a proxy or a balancer, whose answer has no code
		return release.Unavailable
	case strings.Contains(code, "NotFound"), strings.Contains(code, "NonExistent"):
		return release.NotFound
	case strings.Contains(code, "Validation"), strings.Contains(code, "InvalidParameter"), code == "ClientException":
		return release.Invalid
	}
	return release.Unexpected
}

// statusOf returns the HTTP status of an answer, 0 where there was none.
func statusOf(err error) int {
	if answer, ok := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](err); ok {
		return answer.HTTPStatusCode()
	}
	return 0
}

// Cause returns what went wrong in a few words, without the way that led there: what AWS says, or what kept it from
// answering.
func Cause(err error) string {
	const nothing = "UnknownError" // the SDK's word for an answer without a code
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorMessage() != "" && api.ErrorCode() != nothing {
		return api.ErrorMessage()
	}
	if status := statusOf(err); status > 0 {
		return fmt.Sprintf("HTTP status %d", status)
	}
	if errors.Is(err, io.EOF) {
		return "the connection was closed"
	}
	for within := err; within != nil; within = errors.Unwrap(within) {
		err = within
	}
	return err.Error()
}

// Is reports whether AWS answered with one of the given error codes.
func Is(err error, codes ...string) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && slices.Contains(codes, api.ErrorCode())
}
