package ssm

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

// within runs body in an invocation of a new account.
func within(t *testing.T, body func(ctx context.Context, s *Service)) {
	t.Helper()
	l := loop.New(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), 1)
	s := New(l)
	over := false
	door.New(l, nil, nil).Invoke("test", "request", time.Hour, func(ctx context.Context) { body(ctx, s) }, func(bool) { over = true })
	for !over && l.Step() {
	}
	if !over {
		t.Fatal("the invocation did not end")
	}
}

func TestGetParameter(t *testing.T) {
	within(t, func(ctx context.Context, s *Service) {
		s.Set("/serin/targets/orders", "{}")
		s.Set("plain", "x")
		for _, name := range []string{
			"/serin/targets/orders", "arn:aws:ssm:eu-central-1:123456789012:parameter/serin/targets/orders", "arn:aws:ssm:eu-central-1:123456789012:parameter/plain",
		} {
			out, err := s.GetParameter(ctx, &sdk.GetParameterInput{Name: &name})
			if err != nil || *out.Parameter.Value == "" || out.Parameter.Version != 1 {
				t.Errorf("%s: %v, %v", name, out, err)
			}
		}
		_, err := s.GetParameter(ctx, &sdk.GetParameterInput{Name: aws.String("/none")})
		var none *types.ParameterNotFound
		if !errors.As(err, &none) {
			t.Errorf("a parameter that does not exist: %v", err)
		}
		out, err := s.GetParameters(ctx, &sdk.GetParametersInput{Names: []string{"plain", "/none"}})
		if err != nil || len(out.Parameters) != 1 || !slices.Equal(out.InvalidParameters, []string{"/none"}) {
			t.Errorf("%v, %v", out, err)
		}
		*out.Parameters[0].Value = "changed"
		if v, _ := s.Value("plain"); v != "x" {
			t.Error("what a reader wrote changed the account")
		}
		if _, err := s.GetParameters(ctx, &sdk.GetParametersInput{Names: make([]string, 11)}); err == nil {
			t.Error("eleven names were accepted")
		}
	})
}

// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
func TestPutParameter(t *testing.T) {
	const small, large, huge = 4 << 10, 8 << 10, 8<<10 + 1
	for name, row := range map[string]struct {
		change func(*sdk.PutParameterInput)
		size   int
		tier   types.ParameterTier // empty: refused
	}{
		"standard":               {nil, small, types.ParameterTierStandard},
		"too large for standard": {nil, small + 1, ""},
		"advanced":               {func(in *sdk.PutParameterInput) { in.Tier = types.ParameterTierAdvanced }, large, types.ParameterTierAdvanced},
		"too large at all":       {func(in *sdk.PutParameterInput) { in.Tier = types.ParameterTierAdvanced }, huge, ""},
		"tiered, small":          {func(in *sdk.PutParameterInput) { in.Tier = types.ParameterTierIntelligentTiering }, small, types.ParameterTierStandard},
		"tiered, large":          {func(in *sdk.PutParameterInput) { in.Tier = types.ParameterTierIntelligentTiering }, small + 1, types.ParameterTierAdvanced},
		"exists":                 {func(in *sdk.PutParameterInput) { in.Name = aws.String("/there") }, 1, ""},
		"overwritten": {func(in *sdk.PutParameterInput) {
			in.Name, in.Overwrite, in.Type = aws.String("/there"), aws.Bool(true), ""
		}, 1, types.ParameterTierStandard},
		"stays advanced": {func(in *sdk.PutParameterInput) { in.Name, in.Overwrite = aws.String("/large"), aws.Bool(true) }, 1, types.ParameterTierAdvanced},
		"no type":        {func(in *sdk.PutParameterInput) { in.Type = "" }, 1, ""},
		"empty":          {nil, 0, ""},
		"name":           {func(in *sdk.PutParameterInput) { in.Name = aws.String("a b") }, 1, ""},
	} {
		within(t, func(ctx context.Context, s *Service) {
			s.Set("/there", "x")
			s.Set("/large", strings.Repeat("x", large))
			in := &sdk.PutParameterInput{Name: aws.String("/new"), Type: types.ParameterTypeString, Value: aws.String(strings.Repeat("x", row.size))}
			if row.change != nil {
				row.change(in)
			}
			before := s.parameters[*in.Name]
			out, handled, err := s.Handle(ctx, in)
			if row.tier == "" {
				if err == nil || s.parameters[*in.Name] != before {
					t.Errorf("%s was accepted", name)
				}
				return
			}
			if err != nil || !handled {
				t.Errorf("%s: %v", name, err)
				return
			}
			put := out.(*sdk.PutParameterOutput)
			if value, _ := s.Value(*in.Name); put.Tier != row.tier || put.Version != before.version+1 || value != *in.Value {
				t.Errorf("%s: %+v", name, put)
			}
		})
	}
}
