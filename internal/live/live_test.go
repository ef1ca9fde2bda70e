package live_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/live"
	"github.com/serin-aws/serin/internal/release"
)

// store is one parameter.
type store struct {
	name, value string
	puts        int
	refuse      error
}

func (s *store) GetParameter(_ context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	if s.name != *in.Name {
		return nil, &smithy.GenericAPIError{Code: "ParameterNotFound"}
	}
	return &ssm.GetParameterOutput{Parameter: &types.Parameter{Name: in.Name, Value: &s.value}}, nil
}

func (s *store) PutParameter(_ context.Context, in *ssm.PutParameterInput, _ ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	s.puts++
	if s.refuse != nil {
		return nil, s.refuse
	}
	s.name, s.value = *in.Name, *in.Value
	return &ssm.PutParameterOutput{}, nil
}

func TestTell(t *testing.T) {
	s := &store{}
	for i, want := range []bool{true, false} { // the second time it says so already
		p := live.Tell(context.Background(), s, "orders", "done", "image", "definition")
		if p.State != release.Reached || p.Changed != want || s.puts != 1 || s.name != "/serin/live/orders" || s.value != "image,definition" {
			t.Errorf("call %d: %+v, %+v", i, p, s)
		}
	}
	s.refuse = &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "ssm:PutParameter"}
	p := live.Tell(context.Background(), s, "orders", "done", "another")
	if p.State != release.Working || !p.Changed || p.Wait <= 0 || !strings.Contains(p.Note, "ssm:PutParameter") {
		t.Errorf("%+v", p)
	}
}
