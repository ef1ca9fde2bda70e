package release

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// fill gives every field of a value something at random, or nothing, so that a field nobody has written yet is missed.
func fill(r *rand.Rand, v reflect.Value) {
	if r.IntN(3) == 0 {
		return
	}
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Unix(r.Int64N(4e9), r.Int64N(2)*r.Int64N(1e9)).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString([]string{"plain", `a "quoted" <text>\`, "\u00e9\x01\x7f & \u2028", "arn:aws:ecs:eu-central-1:1:service/prod/orders"}[r.IntN(4)])
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int64N(1 << r.IntN(62)))
		if v.Type() == reflect.TypeFor[Verdict]() {
			v.SetInt(r.Int64N(5))
		}
	case reflect.Float64:
		v.SetFloat([]float64{1, -2.5, 0.1, 1e-7, 3e21, 1234567, r.ExpFloat64(), math.MaxFloat64}[r.IntN(8)])
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(4), 4))
		for i := range v.Len() {
			fill(r, v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i))
		}
	default:
		panic("nobody fills a " + v.Kind().String())
	}
}

// Whatever stands in a state, also in fields that are added one day, its document is that of encoding/json.
func TestDocumentIsWhatJSONWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var s State
		fill(r, reflect.ValueOf(&s).Elem())
		want, err := json.Marshal(s)
		if got := s.Document(); err != nil || string(got) != string(want) {
			t.Fatalf("wrote  %s\nwanted %s, %v", got, want, err)
		}
	})
}

func BenchmarkStateDocument(b *testing.B) {
	var s State
	fill(rand.New(rand.NewPCG(3, 1)), reflect.ValueOf(&s).Elem())
	b.ReportAllocs()
	for b.Loop() {
		s.Document()
	}
}
