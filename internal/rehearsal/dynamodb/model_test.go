package dynamodb

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"
)

// Against the plainest table there is, a map: whatever is written under whatever conditions, the same writes are
// carried out and every query finds the same items, page by page.
func TestLikeAMap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l, _, o := at(Settings{Page: rapid.IntRange(0, 3).Draw(rt, "page")})
		model := map[string]int{} // key -> version
		for range rapid.IntRange(1, 30).Draw(rt, "transactions") {
			after(l, time.Second)
			writes, next, holds := drawTransaction(rt, model)
			if _, err := o.TransactWriteItems(ctx, transaction("", writes...)); (err == nil) != holds {
				rt.Fatalf("holds: %v, answer: %v", holds, err)
			}
			if holds {
				model = next
			}
		}
		for _, pk := range []string{"a", "b"} {
			want := slices.DeleteFunc(slices.Sorted(maps.Keys(model)), func(key string) bool { return !strings.HasPrefix(key, pk+"/k") })
			if got, _ := keys(t, o, prefixQuery(pk, "k")); !slices.Equal(got, want) {
				rt.Fatalf("%s: got %q, want %q", pk, got, want)
			}
		}
		for key, version := range model {
			pk, sk, _ := strings.Cut(key, "/")
			if got := textOf(get(t, o, pk, sk, true), "version"); got != fmt.Sprint(version) {
				rt.Fatalf("%s has version %s, want %d", key, got, version)
			}
		}
		var open []string
		for key, version := range model {
			if version%2 == 1 {
				open = append(open, key)
			}
		}
		slices.Sort(open)
		if got, _ := keys(t, o, openQuery()); !slices.Equal(got, open) {
			rt.Fatalf("index: got %q, want %q", got, open)
		}
	})
}

// drawTransaction draws writes to different items and says what a map would make of them. Items of an odd version are
// in the index.
func drawTransaction(rt *rapid.T, model map[string]int) (writes []types.TransactWriteItem, next map[string]int, holds bool) {
	next, holds = maps.Clone(model), true
	keys := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a/k1", "a/k2", "a/k3", "a/k4", "b/k1", "b/k2"}), 1, 4, rapid.ID).Draw(rt, "keys")
	for _, key := range keys {
		pk, sk, _ := strings.Cut(key, "/")
		version := rapid.IntRange(1, 4).Draw(rt, "version")
		more := values{"version": n(fmt.Sprint(version))}
		if version%2 == 1 {
			more["open"] = s("open")
		}
		w := put(pk, sk, more)
		current, there := model[key]
		switch rapid.SampledFrom([]string{"always", "absent", "equals", "equals now"}).Draw(rt, "condition") {
		case "absent":
			w, holds = ifAbsent(w), holds && !there
		case "equals":
			old := rapid.IntRange(1, 4).Draw(rt, "old")
			w, holds = ifVersion(w, fmt.Sprint(old)), holds && there && current == old
		case "equals now":
			w, holds = ifVersion(w, fmt.Sprint(current)), holds && there
		}
		next[key] = version
		writes = append(writes, w)
	}
	return writes, next, holds
}

// Only the known expressions are understood, whatever else is asked.
func FuzzExpressions(f *testing.F) {
	for _, known := range []string{"attribute_not_exists(pk)", "version = :v", "#open = :open", "pk = :pk AND begins_with(sk, :prefix)", "pk = :pk AND sk BETWEEN :from AND :to"} {
		f.Add(known, ":v", "1")
	}
	f.Fuzz(func(t *testing.T, expression, placeholder, value string) {
		given := values{placeholder: s(value)}
		c, err := readCondition(aws.String(expression), nil, given)
		if err == nil && (expression != "version = :v" || c.kind != equals) {
			t.Errorf("condition %q with %s is understood", expression, placeholder)
		}
		if _, err := readSpan(nil, aws.String(expression), nil, given); err == nil {
			t.Errorf("key condition %q with only %s is understood", expression, placeholder)
		}
		where, err := readSpan(aws.String("open"), aws.String(expression), map[string]string{"#open": "open"}, given)
		if err == nil && (expression != "#open = :open" || where.hash != value) {
			t.Errorf("index condition %q with %s is understood", expression, placeholder)
		}
	})
}
