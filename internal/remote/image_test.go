package remote_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/rehearsal/dynamodb"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/remote"
)

// installed has the one parameter that says where serin is.
type installed struct{ remote.Parameters }

func (installed) GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	return &ssm.GetParameterOutput{Parameter: &types.Parameter{Value: aws.String(`{"schema":1,"stateMachine":"arn:aws:states:eu-central-1:123456789012:stateMachine:serin","table":"serin-ledger"}`)}}, nil
}

// A digest in short is completed where it can mean one image only; what is no such name stays as it is.
func TestInFull(t *testing.T) {
	l := loop.New(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), 1)
	table := dynamodb.New(l, "serin-ledger", dynamodb.Settings{})
	digest := func(digits string) string { return "sha256:" + digits + strings.Repeat("0", 64-len(digits)) }
	book := ledger.New(table.Outside(), "serin-ledger", l.Now)
	for i, image := range []string{"orders@" + digest("27a10adf1"), "orders@" + digest("27a10adf2"), "orders@" + digest("a4e49c57"), "orders@" + digest("a4e49c57"), "orders:latest"} {
		e := release.Entry{
			Release: release.ID("r-00000000000" + string(rune('0'+i))), Target: "orders", At: l.Now().Add(time.Duration(i) * time.Minute),
			Revision: release.Revision{Image: image}, Outcome: release.OutcomeRefused, Sentence: "busy",
		}
		if err := book.Decline(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	account := remote.New(remote.Clients{SSM: installed{}, DynamoDB: table.Outside()}, "here", l.Now)
	for image, want := range map[string]string{
		"orders@sha256:a4e49c57":       "orders@" + digest("a4e49c57"),
		"orders@sha256:27a10adf2":      "orders@" + digest("27a10adf2"),
		"orders:latest":                "orders:latest",
		"orders@" + digest("ffffffff"): "orders@" + digest("ffffffff"),
		"orders@sha256:a4e4":           "orders@sha256:a4e4", // too short to be one; the release refuses it
		"":                             "",
	} {
		if got, err := account.InFull(t.Context(), "orders", image); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", image, got, err, want)
		}
	}
	for image, want := range map[string]release.Code{"orders@sha256:27a10adf": release.Invalid, "orders@sha256:0123abcd": release.NotFound} {
		if _, err := account.InFull(t.Context(), "orders", image); release.CodeOf(err) != want {
			t.Errorf("%s: %v, want %s", image, err, want)
		}
	}
}
