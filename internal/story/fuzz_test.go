package story_test

import (
	"encoding/json"
	"testing"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/story/storytest"
)

// FuzzTell: whatever the ledger holds, a story comes of it.
func FuzzTell(f *testing.F) {
	for _, account := range []storytest.Account{storytest.Good(), storytest.Bad(), storytest.Crashed(), storytest.Dirty(), storytest.Abandoned()} {
		r, err := json.Marshal(account.Ledger.Release)
		if err != nil {
			f.Fatal(err)
		}
		events, err := json.Marshal(account.Ledger.Log[:min(8, len(account.Ledger.Log))])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(r, events)
	}
	f.Add([]byte(`{"id":"r-1","phase":"Baking","step":-3,"steps":[]}`), []byte(`[{"seq":-1,"kind":"look","data":{"judgement":{"verdict":"fail","checks":[{"kind":"comparison","e":1e300,"threshold":-1}]}}}]`))
	f.Fuzz(func(t *testing.T, r, log []byte) {
		var rel release.Release
		var events []release.Event
		if json.Unmarshal(r, &rel) != nil || json.Unmarshal(log, &events) != nil {
			return
		}
		s := story.Tell(&rel, events)
		s.Measure(t.Context(), &storytest.Metrics{})
		if s.Sentence == "" {
			t.Error("a story without a sentence")
		}
		if s.To.Sub(s.From) > story.Longest || s.From.After(s.To) {
			t.Errorf("the story covers %s to %s", s.From, s.To)
		}
	})
}
