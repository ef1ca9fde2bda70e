package awserr_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

func api(code string, fault smithy.ErrorFault) error {
	return &smithy.OperationError{ServiceID: "ECS", OperationName: "UpdateService", Err: &smithy.GenericAPIError{Code: code, Message: "said AWS", Fault: fault}}
}

// answered is an answer that no service has written, as the SDK reads it.
func answered(status int) error {
	return &smithy.OperationError{ServiceID: "DynamoDB", OperationName: "Query", Err: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: &smithy.GenericAPIError{Code: "UnknownError", Message: "UnknownError"},
	}}
}

func TestWrap(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want release.Code
	}{
		"a throttle":                    {api("ThrottlingException", smithy.FaultClient), release.Throttled},
		"a throttle of another name":    {api("TooManyRequestsException", smithy.FaultClient), release.Throttled},
		"a server's fault":              {api("Strange", smithy.FaultServer), release.Unavailable},
		"an internal failure":           {api("InternalFailure", smithy.FaultUnknown), release.Unavailable},
		"no answer":                     {errors.New("connection reset by peer"), release.Unavailable},
		"out of time":                   {fmt.Errorf("wait: %w", context.DeadlineExceeded), release.Unavailable},
		"no permission":                 {api("AccessDeniedException", smithy.FaultClient), release.Denied},
		"not there, by name":            {api("ServiceNotFoundException", smithy.FaultClient), release.NotFound},
		"not there, the SDK's own type": {&ecstypes.ClusterNotFoundException{}, release.NotFound},
		"wrong":                         {api("InvalidParameterException", smithy.FaultClient), release.Invalid},
		"something else":                {api("Teapot", smithy.FaultClient), release.Unexpected},
		"a proxy's fault":               {answered(http.StatusBadGateway), release.Unavailable},
		"a proxy's throttle":            {answered(http.StatusTooManyRequests), release.Throttled},
		"one of ours keeps its code":    {release.Errorf(release.Unstable, "x", "y"), release.Unstable},
	} {
		t.Run(name, func(t *testing.T) {
			err := awserr.Wrap("update service orders", c.err)
			if release.CodeOf(err) != c.want {
				t.Errorf("got %s, want %s", release.CodeOf(err), c.want)
			}
			if !errors.Is(err, c.err) || c.want != release.Unstable && !strings.Contains(err.Error(), "update service orders") {
				t.Errorf("the error lost what was tried or what was said: %v", err)
			}
		})
	}
	if awserr.Wrap("x", nil) != nil {
		t.Error("nothing became an error")
	}
}

func TestCause(t *testing.T) {
	refused := &url.Error{Op: "Post", URL: "http://127.0.0.1:1/", Err: &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}}
	for want, err := range map[string]error{
		"said AWS":                  awserr.Wrap("load release r-1", api("ThrottlingException", smithy.FaultClient)),
		"HTTP status 502":           answered(http.StatusBadGateway),
		"connection refused":        awserr.Wrap("load release r-1", &smithy.OperationError{ServiceID: "DynamoDB", OperationName: "Query", Err: refused}),
		"the connection was closed": &url.Error{Op: "Post", URL: "http://127.0.0.1:1/", Err: io.EOF},
		"context deadline exceeded": fmt.Errorf("wait: %w", context.DeadlineExceeded),
	} {
		if got := awserr.Cause(err); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}

func TestIs(t *testing.T) {
	err := api("ClusterNotFoundException", smithy.FaultClient)
	if !awserr.Is(err, "Other", "ClusterNotFoundException") || awserr.Is(err, "Other") || awserr.Is(errors.New("ClusterNotFoundException"), "ClusterNotFoundException") {
		t.Error("a code was not told from another")
	}
}
