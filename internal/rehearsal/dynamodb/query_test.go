package dynamodb

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

func TestQueryPages(t *testing.T) {
	for _, page := range []int{0, 1, 2, 5, 7} {
		_, _, o := at(Settings{Page: page})
		for i := range 5 {
			mustWrite(t, o, put("r", fmt.Sprintf("event#%02d", i), values{"doc": s("x")}), put("lock#"+fmt.Sprint(i), "lock", values{"open": s("open")}))
		}
		mustWrite(t, o, put("r", "release", values{"open": s("open")}), put("r", "snapshot", nil), put("r", "event", nil))
		want := []string{"r/event#00", "r/event#01", "r/event#02", "r/event#03", "r/event#04"}
		got, pages := keys(t, o, prefixQuery("r", "event#"))
		if wantPages := map[int]int{0: 1, 1: 6, 2: 3, 5: 2, 7: 1}[page]; !slices.Equal(got, want) || pages != wantPages {
			t.Errorf("page %d: %d pages, want %d: %q", page, pages, wantPages, got)
		}
		reversed := prefixQuery("r", "event#")
		reversed.ScanIndexForward, reversed.Limit = aws.Bool(false), aws.Int32(3)
		slices.Reverse(want)
		if got, _ := keys(t, o, reversed); !slices.Equal(got, want) {
			t.Errorf("page %d, backwards: %q", page, got)
		}
		between := prefixQuery("r", "")
		between.KeyConditionExpression = aws.String("pk = :pk AND sk BETWEEN :from AND :to")
		between.ExpressionAttributeValues = values{":pk": s("r"), ":from": s("release"), ":to": s("snapshot")}
		if got, _ := keys(t, o, between); !slices.Equal(got, []string{"r/release", "r/snapshot"}) {
			t.Errorf("page %d, between: %q", page, got)
		}
		if got, _ := keys(t, o, openQuery()); !slices.Equal(got, []string{"lock#0/lock", "lock#1/lock", "lock#2/lock", "lock#3/lock", "lock#4/lock", "r/release"}) {
			t.Errorf("page %d, index: %q", page, got)
		}
	}
}

func TestAPageEndsAtOneMegabyte(t *testing.T) {
	_, _, o := at(Settings{})
	for i := range 4 {
		mustWrite(t, o, put("r", fmt.Sprint("event#", i), values{"doc": s(strings.Repeat("x", 300<<10))}))
	}
	if got, pages := keys(t, o, prefixQuery("r", "event#")); len(got) != 4 || pages != 2 {
		t.Errorf("%d items in %d pages", len(got), pages)
	}
}

func TestTheIndexIsSparseAndHoldsKeysOnly(t *testing.T) {
	l, _, o := at(Settings{})
	mustWrite(t, o, put("release#b", "release", values{"open": s("open"), "doc": s("x")}), put("release#a", "release", values{"open": s("open")}), put("release#c", "release", values{"doc": s("x")}))
	out, err := o.Query(ctx, openQuery())
	if err != nil || len(out.Items) != 2 || textOf(out.Items[0], "pk") != "release#a" || len(out.Items[1]) != 3 {
		t.Errorf("%v, %v", out, err)
	}
	after(l, time.Second)
	mustWrite(t, o, put("release#b", "release", values{"doc": s("x")}))
	if got, _ := keys(t, o, openQuery()); !slices.Equal(got, []string{"release#a/release"}) {
		t.Errorf("after one has left: %q", got)
	}
}

// A projection answers what it names and no more; the names that AWS reserves, and the index, are refused.
func TestAProjectionAnswersWhatItNames(t *testing.T) {
	_, _, o := at(Settings{})
	mustWrite(t, o, put("a", "b", values{"doc": s("text"), "version": n("1"), "other": s("more")}))
	in := prefixQuery("a", "b")
	in.ProjectionExpression = aws.String("sk, doc")
	out, err := o.Query(ctx, in)
	if err != nil || len(out.Items) != 1 || len(out.Items[0]) != 2 || textOf(out.Items[0], "doc") != "text" || textOf(out.Items[0], "sk") != "b" {
		t.Errorf("%v, %v", out, err)
	}
	for _, wrong := range []string{"", "open", "sk, ttl", "sk,doc", "sk, sk", "#d"} {
		in.ProjectionExpression = aws.String(wrong)
		if _, err := o.Query(ctx, in); err == nil {
			t.Errorf("%q was read", wrong)
		}
	}
	index := openQuery()
	index.ProjectionExpression = aws.String("pk")
	if _, err := o.Query(ctx, index); err == nil {
		t.Error("a projection of the index was read")
	}
}
