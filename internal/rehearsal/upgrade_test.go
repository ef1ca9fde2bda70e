package rehearsal

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serin-aws/serin/internal/release"
)

// What the first serin that kept releases wrote of one: the fields that have been there from the beginning. Whatever came
// later must be something that a release can do without.
var (
	firstSnapshot = []string{"schema", "id", "target", "targetHash", "request", "revision", "baseline", "steps", "resources", "metrics", "opened"}
	firstState    = []string{
		"version", "seq", "hash", "phase", "since", "home", "epoch", "executions", "step", "canarySince", "bakeSince", "shares",
		"pausedSince", "paused", "judgement", "decision", "leases", "made", "cleanupPending", "called",
	}
)

// age makes of the release's records those that the first serin wrote.
func (r *Run) age(t *testing.T) {
	t.Helper()
	table, ctx := r.account.Table.Outside(), context.Background()
	out, err := table.Query(ctx, &sdk.QueryInput{
		TableName: aws.String(tableName), KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":pk":   &types.AttributeValueMemberS{Value: "release#" + string(r.id)},
			":from": &types.AttributeValueMemberS{Value: "release"}, ":to": &types.AttributeValueMemberS{Value: "snapshot"},
		},
	})
	if err != nil || len(out.Items) != 2 {
		t.Fatalf("%d items, %v", len(out.Items), err)
	}
	for i, fields := range [][]string{firstState, firstSnapshot} {
		item := maps.Clone(out.Items[i])
		var doc map[string]any
		if err := json.Unmarshal([]byte(item["doc"].(*types.AttributeValueMemberS).Value), &doc); err != nil {
			t.Fatal(err)
		}
		maps.DeleteFunc(doc, func(name string, _ any) bool { return !slices.Contains(fields, name) })
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		item["doc"] = &types.AttributeValueMemberS{Value: string(text)}
		delete(item, "write")
		if _, err := table.PutItem(ctx, &sdk.PutItemInput{TableName: aws.String(tableName), Item: item}); err != nil {
			t.Fatal(err)
		}
	}
}

// serin is updated in the middle of a release, at any minute of it: the functions of today go on with what those of the
// first day wrote, and the release ends as it would have - also where its execution is stopped at that moment, and a
// recovery, which runs the state machine of today, takes it over.
func TestSerinIsUpdatedInTheMiddleOfARelease(t *testing.T) {
	stride := 2 * time.Minute
	if testing.Short() {
		stride = 11 * time.Minute
	}
	for file, c := range map[string]struct {
		want release.Outcome
		last time.Duration
	}{
		"good.yaml": {release.OutcomeReleased, 38 * time.Minute}, "bad.yaml": {release.OutcomeRolledBack, 7 * time.Minute},
	} {
		for _, stopped := range []bool{false, true} {
			for at := time.Minute; at < c.last; at += stride {
				run, err := plan(t, file, nil).Start(1, false, nil)
				if err != nil {
					t.Fatal(err)
				}
				run.Advance(at)
				if run.Over() {
					t.Fatalf("%s is over after %s", file, at)
				}
				run.age(t)
				want := c.want
				if stopped {
					run.execution.abort("", "a person pressed Stop execution")
					want = release.OutcomeRolledBack
				}
				run.Finish()
				result, err := run.Outcome(context.Background())
				if err != nil || result.Outcome != want || len(result.Violations) > 0 {
					t.Errorf("%s, updated after %s, stopped %t: %s, want %s %v %v", file, at, stopped, result.Outcome, want, result.Violations, err)
				}
				run.Close()
			}
		}
	}
}
