package ecs

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// canaryWorld is a primary service of nine tasks and a canary of one.
func canaryWorld(b *testing.B, seed uint64) *world {
	w := newWorld(b, seed)
	w.orders(9, rolling(100, 200, breaker(true)))
	if _, err := w.CreateService(ServiceSpec{Cluster: "prod", Name: "canary", TaskDefinition: "orders", Desired: 1}); err != nil {
		b.Fatal(err)
	}
	return w
}

// BenchmarkCanaryThereAndBack is the whole life of one account: built, a canary deployed and brought back.
func BenchmarkCanaryThereAndBack(b *testing.B) {
	b.ReportAllocs()
	for i := range b.N {
		w := canaryWorld(b, uint64(i))
		next := w.define("other")
		for _, arn := range []string{next, "orders:1"} {
			if err := w.ForeignUpdate(&sdk.UpdateServiceInput{Cluster: aws.String("prod"), Service: aws.String("canary"), TaskDefinition: aws.String(arn)}); err != nil {
				b.Fatal(err)
			}
			w.pass(10 * time.Minute)
		}
		if w.Deploying("canary") {
			b.Fatal("not settled")
		}
	}
}

// BenchmarkPromote rolls nine tasks.
func BenchmarkPromote(b *testing.B) {
	b.ReportAllocs()
	for i := range b.N {
		w := canaryWorld(b, uint64(i))
		w.update(to(w.define("other")))
		w.pass(10 * time.Minute)
		if !w.settled() {
			b.Fatal("not settled")
		}
	}
}

// benchmarkCall measures one operation without the door.
func benchmarkCall(b *testing.B, call func(*world) error) {
	w := canaryWorld(b, 1)
	w.update(to(w.define("other")))
	w.pass(2 * time.Minute)
	b.ReportAllocs()
	for b.Loop() {
		if err := call(w); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDescribeServices(b *testing.B) {
	benchmarkCall(b, func(w *world) error {
		_, err := w.describeServices(&sdk.DescribeServicesInput{Cluster: aws.String("prod"), Services: []string{"orders", "canary"}})
		return err
	})
}

func BenchmarkDescribeNineTasks(b *testing.B) {
	var names []string
	benchmarkCall(b, func(w *world) error {
		if names == nil {
			for _, t := range w.named("orders").tasks[:9] {
				names = append(names, t.arn)
			}
		}
		_, err := w.describeTasks(&sdk.DescribeTasksInput{Cluster: aws.String("prod"), Tasks: names})
		return err
	})
}

func BenchmarkListTasks(b *testing.B) {
	benchmarkCall(b, func(w *world) error {
		_, err := w.listTasks(&sdk.ListTasksInput{Cluster: aws.String("prod"), ServiceName: aws.String("orders")})
		return err
	})
}

func BenchmarkDescribeTaskDefinition(b *testing.B) {
	var arn string
	benchmarkCall(b, func(w *world) error {
		if arn == "" {
			arn = w.define("good", busy)
		}
		_, err := w.describeDefinition(&sdk.DescribeTaskDefinitionInput{TaskDefinition: &arn, Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags}})
		return err
	})
}

// busy makes a definition as large as people's are.
func busy(in *sdk.RegisterTaskDefinitionInput) {
	cd := &in.ContainerDefinitions[0]
	for range 20 {
		cd.Environment = append(cd.Environment, types.KeyValuePair{Name: aws.String("NAME"), Value: aws.String("value")})
		cd.Secrets = append(cd.Secrets, types.Secret{Name: aws.String("NAME"), ValueFrom: aws.String("arn")})
	}
	cd.LogConfiguration = &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{"awslogs-group": "g", "awslogs-region": "r"}}
}

func BenchmarkServing(b *testing.B) {
	benchmarkCall(b, func(w *world) error {
		w.Serving()
		return nil
	})
}

// BenchmarkCallThroughTheDoor is the price of one call as functions pay it.
func BenchmarkCallThroughTheDoor(b *testing.B) {
	w := canaryWorld(b, 1)
	in := &sdk.DescribeServicesInput{Cluster: aws.String("prod"), Services: []string{"orders"}}
	b.ReportAllocs()
	b.ResetTimer()
	w.within(func(ctx context.Context) {
		for range b.N {
			if _, err := w.DescribeServices(ctx, in); err != nil {
				b.Fatal(err)
			}
		}
	})
}
