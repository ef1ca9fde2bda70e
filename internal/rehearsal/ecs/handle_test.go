package ecs

import (
	"context"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
)

// TestHandleKnowsEveryOperation finds the operations by their signature.
func TestHandleKnowsEveryOperation(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(1)
	operations := 0
	kind := reflect.TypeFor[*Control]()
	for m := range kind.Methods() {
		if m.Type.NumIn() != 4 || !m.Type.IsVariadic() || m.Type.In(1) != reflect.TypeFor[context.Context]() {
			continue
		}
		operations++
		w.within(func(ctx context.Context) {
			if _, known, _ := w.Handle(ctx, reflect.New(m.Type.In(2).Elem()).Interface()); !known {
				t.Errorf("Handle does not know %s", m.Name)
			}
		})
	}
	if operations < 19 {
		t.Errorf("found only %d operations", operations)
	}
	w.within(func(ctx context.Context) {
		if _, known, err := w.Handle(ctx, &sdk.CreateServiceInput{}); known || err != nil {
			t.Error("Handle knows an operation that is not simulated")
		}
		out, _, err := w.Handle(ctx, &sdk.DescribeServicesInput{Cluster: aws.String("prod"), Services: []string{"orders"}})
		if got, ok := out.(*sdk.DescribeServicesOutput); !ok || err != nil || len(got.Services) != 1 {
			t.Errorf("%v, %v", out, err)
		}
	})
}
