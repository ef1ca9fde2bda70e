package ecs

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
)

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
func TestProtectedTasksSurviveADeployment(t *testing.T) {
	for name, free := range map[string]func(*world){
		"until it ends":      func(w *world) { w.pass(2 * time.Hour) },
		"until it is lifted": func(w *world) { w.lift() },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1)
			w.orders(3)
			w.protectOne()
			w.update(to(w.define("other")))
			w.pass(30 * time.Minute)
			if !maps.Equal(w.digests(), map[string]int{other: 3, good: 1}) || w.settled() || len(w.view().Deployments) != 2 {
				t.Errorf("with one protected: %v, settled %v", w.digests(), w.settled())
			}
			if st := w.named("orders").state(); st.Protected != 1 {
				t.Errorf("%+v", st)
			}
			free(w)
			w.pass(2 * time.Minute)
			if !maps.Equal(w.digests(), map[string]int{other: 3}) || !w.settled() {
				t.Errorf("afterwards: %v, settled %v", w.digests(), w.settled())
			}
		})
	}
}

func TestProtectedTasksSurviveScalingIn(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(3)
	w.protectOne()
	w.SetDesired("orders", 0)
	w.pass(10 * time.Minute)
	if w.Working("orders") != 1 {
		t.Errorf("%d work", w.Working("orders"))
	}
	w.lift()
	w.pass(time.Minute)
	if w.Working("orders") != 0 {
		t.Errorf("%d work", w.Working("orders"))
	}
}

func (w *world) protectOne() {
	w.t.Helper()
	w.within(func(ctx context.Context) {
		out, err := w.UpdateTaskProtection(ctx, &sdk.UpdateTaskProtectionInput{Cluster: aws.String("prod"), ProtectionEnabled: true, Tasks: []string{w.named("orders").tasks[0].arn}})
		if err != nil || len(out.ProtectedTasks) != 1 || !out.ProtectedTasks[0].ProtectionEnabled || out.ProtectedTasks[0].ExpirationDate.Sub(w.loop.Now()) > 2*time.Hour {
			w.t.Errorf("%+v, %v", out, err)
		}
	})
}

// lift takes the protection of every task of orders away.
func (w *world) lift() {
	w.t.Helper()
	var all []string
	for _, t := range w.named("orders").tasks {
		all = append(all, t.arn)
	}
	w.within(func(ctx context.Context) {
		if _, err := w.UpdateTaskProtection(ctx, &sdk.UpdateTaskProtectionInput{Cluster: aws.String("prod"), Tasks: all}); err != nil {
			w.t.Error(err)
		}
		out, err := w.GetTaskProtection(ctx, &sdk.GetTaskProtectionInput{Cluster: aws.String("prod"), Tasks: append(all, "unknown")})
		if err != nil || len(out.ProtectedTasks) != len(all) || out.ProtectedTasks[0].ProtectionEnabled || len(out.Failures) != 1 {
			w.t.Errorf("%+v, %v", out, err)
		}
	})
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateTaskProtection.html
func TestTaskProtectionRefuses(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(1)
	id := w.named("orders").tasks[0].id
	w.within(func(ctx context.Context) {
		for name, in := range map[string]sdk.UpdateTaskProtectionInput{
			"no tasks":       {},
			"eleven tasks":   {Tasks: slices.Repeat([]string{id}, 11)},
			"no time":        {Tasks: []string{id}, ExpiresInMinutes: aws.Int32(0)},
			"over two days":  {Tasks: []string{id}, ExpiresInMinutes: aws.Int32(2881)},
			"negative times": {Tasks: []string{id}, ExpiresInMinutes: aws.Int32(-1)},
		} {
			in.Cluster, in.ProtectionEnabled = aws.String("prod"), true
			if _, err := w.UpdateTaskProtection(ctx, &in); code(err) != "InvalidParameterException" {
				t.Errorf("%s: %v", name, err)
			}
		}
		out, err := w.UpdateTaskProtection(ctx, &sdk.UpdateTaskProtectionInput{Cluster: aws.String("prod"), ProtectionEnabled: true, Tasks: []string{"unknown"}})
		if err != nil || len(out.Failures) != 1 {
			t.Errorf("%+v, %v", out, err)
		}
	})
}
