package ecsservice

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// The baseline's tasks run, but ECS has not completed their deployment: should they die now, its circuit breaker would
// bring back the new revision, after serin has left. So that is no rest.
func TestADeploymentThatECSMayRevertIsNoRest(t *testing.T) {
	breaker := &types.DeploymentCircuitBreaker{Enable: true, Rollback: true}
	service := func(b *types.DeploymentCircuitBreaker) *types.Service {
		return &types.Service{Deployments: make([]types.Deployment, 1), DeploymentConfiguration: &types.DeploymentConfiguration{DeploymentCircuitBreaker: b}}
	}
	for name, c := range map[string]struct {
		up      upness
		service *types.Service
		rests   bool
	}{
		"runs, not completed, may be reverted": {upness{running: 1}, service(breaker), false},
		"runs, completed":                      {upness{running: 1, completed: true}, service(breaker), true},
		"runs, nothing reverts it":             {upness{running: 1}, service(nil), true},
		"protected tasks keep it uncompleted":  {upness{running: 3}, service(breaker), true},
		"another revision still works":         {upness{running: 1, completed: true, others: 1}, service(breaker), false},
	} {
		if got := c.up.rests(1, c.service); got != c.rests {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestNotesArePlural(t *testing.T) {
	if TaskCount(1) != "1 task" || TaskCount(0) != "0 tasks" || definitions(1) != "1 task definition" || definitions(2) != "2 task definitions" {
		t.Error("plural")
	}
}
