package awserr_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

func api(code string, fault smithy.ErrorFault) error {
	return &smithy.OperationError{ServiceID: "ECS", OperationName: "UpdateService", Err: &smithy.GenericAPIError{Code: code, Message: "said AWS", Fault: fault}}
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

func TestIs(t *testing.T) {
	err := api("ClusterNotFoundException", smithy.FaultClient)
	if !awserr.Is(err, "Other", "ClusterNotFoundException") || awserr.Is(err, "Other") || awserr.Is(errors.New("ClusterNotFoundException"), "ClusterNotFoundException") {
		t.Error("a code was not told from another")
	}
}
