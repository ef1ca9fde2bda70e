package ecs

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestAServiceBeginsInItsSteadyState(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(3, func(s *ServiceSpec) {
		s.Tags = []types.Tag{{Key: aws.String("team"), Value: aws.String("x")}}
		s.Strategy = []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE_SPOT"), Weight: 1}}
		s.Network = &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-1"}}}
	})
	v := w.view()
	d := v.Deployments[0]
	if *v.Status != "ACTIVE" || v.DesiredCount != 3 || v.RunningCount != 3 || v.PendingCount != 0 || len(v.Deployments) != 1 ||
		*d.Status != "PRIMARY" || d.RolloutState != types.DeploymentRolloutStateCompleted || !strings.HasPrefix(*d.Id, "ecs-svc/") || d.RunningCount != 3 {
		t.Errorf("%+v", v)
	}
	if v.LaunchType != "" || *v.CapacityProviderStrategy[0].CapacityProvider != "FARGATE_SPOT" || v.DeploymentController.Type != types.DeploymentControllerTypeEcs ||
		v.NetworkConfiguration.AwsvpcConfiguration.Subnets[0] != "subnet-1" || *v.DeploymentConfiguration.MaximumPercent != 200 {
		t.Errorf("%+v", v)
	}
	if !v.CreatedAt.Equal(start.Add(-24*time.Hour)) || !d.CreatedAt.Equal(*v.CreatedAt) || len(v.CurrentServiceRevisions) != 1 || v.CurrentServiceRevisions[0].RunningTaskCount != 3 {
		t.Errorf("%+v", v)
	}
	if _, more := w.loop.Next(); !more {
		return
	}
	w.pass(time.Hour)
	if _, more := w.loop.Next(); more {
		t.Error("an idle service has events")
	}
}

func TestCreateServiceRefuses(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(1)
	w.define("gone", func(in *sdk.RegisterTaskDefinitionInput) { in.Family = aws.String("gone") })
	for name, spec := range map[string]ServiceSpec{
		"no cluster":    {Cluster: "test", Name: "a", TaskDefinition: "orders"},
		"no definition": {Cluster: "prod", Name: "a", TaskDefinition: "payments"},
		"a second one":  {Cluster: "prod", Name: "orders", TaskDefinition: "orders"},
		"no image":      {Cluster: "prod", Name: "a", TaskDefinition: "gone", Desired: 1},
	} {
		if _, err := w.CreateService(spec); err == nil {
			t.Error(name)
		}
	}
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html
func TestDescribeServices(t *testing.T) {
	w := newWorld(t, 1)
	w.CreateCluster("test")
	w.orders(1, func(s *ServiceSpec) { s.Tags = []types.Tag{{Key: aws.String("team"), Value: aws.String("x")}} })
	if _, err := w.CreateService(ServiceSpec{Cluster: "prod", Name: "old", TaskDefinition: "orders", Inactive: true}); err != nil {
		t.Fatal(err)
	}
	w.within(func(ctx context.Context) {
		describe := func(cluster string, include []types.ServiceField, names ...string) (*sdk.DescribeServicesOutput, error) {
			return w.DescribeServices(ctx, &sdk.DescribeServicesInput{Cluster: &cluster, Services: names, Include: include})
		}
		out, err := describe("prod", nil, "orders", "old", "payments", arnPrefix+"service/prod/orders")
		if err != nil || len(out.Services) != 3 || len(out.Failures) != 1 {
			t.Fatalf("%+v, %v", out, err)
		}
		if f := out.Failures[0]; *f.Reason != "MISSING" || *f.Arn != arnPrefix+"service/prod/payments" {
			t.Errorf("failure %s %s", *f.Reason, *f.Arn)
		}
		if out.Services[0].Tags != nil || *out.Services[1].Status != "INACTIVE" || len(out.Services[1].Deployments) != 0 {
			t.Errorf("%+v", out.Services)
		}
		*out.Services[0].Events[0].Message, *out.Services[0].Deployments[0].Id = "spoilt", "spoilt"
		w.services[0].shown = nil // answers may share with each other, and with the world nothing
		again, _ := describe(arnPrefix+"cluster/prod", []types.ServiceField{types.ServiceFieldTags}, "orders")
		if *again.Services[0].Events[0].Message == "spoilt" || *again.Services[0].Deployments[0].Id == "spoilt" || len(again.Services[0].Tags) != 1 {
			t.Errorf("%+v", again.Services[0])
		}
		if out, err := describe("test", nil, "orders"); err != nil || len(out.Failures) != 1 {
			t.Errorf("in another cluster: %+v, %v", out, err)
		}
		for want, call := range map[string]func() (*sdk.DescribeServicesOutput, error){
			"ClusterNotFoundException":  func() (*sdk.DescribeServicesOutput, error) { return describe("dev", nil, "orders") },
			"InvalidParameterException": func() (*sdk.DescribeServicesOutput, error) { return describe("prod", nil) },
		} {
			if _, err := call(); code(err) != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
		if _, err := describe("prod", nil, slices.Repeat([]string{"orders"}, 11)...); code(err) != "InvalidParameterException" {
			t.Errorf("eleven: %v", err)
		}
	})
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html says of each parameter whether it
// triggers a deployment.
func TestWhatStartsADeployment(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*world, *sdk.UpdateServiceInput)
		starts bool
	}{
		"task definition":     {func(w *world, in *sdk.UpdateServiceInput) { in.TaskDefinition = aws.String(w.define("other")) }, true},
		"the same definition": {func(_ *world, in *sdk.UpdateServiceInput) { in.TaskDefinition = aws.String("orders:1") }, true},
		"force":               {func(_ *world, in *sdk.UpdateServiceInput) { in.ForceNewDeployment = true }, true},
		"network":             {func(_ *world, in *sdk.UpdateServiceInput) { in.NetworkConfiguration = &types.NetworkConfiguration{} }, true},
		"platform version":    {func(_ *world, in *sdk.UpdateServiceInput) { in.PlatformVersion = aws.String("1.4.0") }, true},
		"desired count":       {func(_ *world, in *sdk.UpdateServiceInput) { in.DesiredCount = aws.Int32(3) }, false},
		"the same count":      {func(_ *world, in *sdk.UpdateServiceInput) { in.DesiredCount = aws.Int32(2) }, false},
		"capacity providers": {func(_ *world, in *sdk.UpdateServiceInput) {
			in.CapacityProviderStrategy = []types.CapacityProviderStrategyItem{}
		}, false},
		"deployment percents": {func(_ *world, in *sdk.UpdateServiceInput) {
			in.DeploymentConfiguration = &types.DeploymentConfiguration{MaximumPercent: aws.Int32(150)}
		}, false},
		"nothing": {func(*world, *sdk.UpdateServiceInput) {}, false},
		"definition and count": {func(w *world, in *sdk.UpdateServiceInput) {
			in.TaskDefinition, in.DesiredCount = aws.String(w.define("other")), aws.Int32(0)
		}, true},
	} {
		w := newWorld(t, 1)
		w.orders(2)
		before := *w.view().Deployments[0].Id
		w.update(func(in *sdk.UpdateServiceInput) { c.change(w, in) })
		after := w.view().Deployments
		if (*after[0].Id != before) != c.starts {
			t.Errorf("%s: deployments %d, new %v", name, len(after), *after[0].Id != before)
		}
		if started := after[0].RolloutState == types.DeploymentRolloutStateInProgress; started != c.starts {
			t.Errorf("%s: rollout %s", name, after[0].RolloutState)
		}
		w.pass(10 * time.Minute)
		if v := w.view(); !w.settled() || v.RunningCount != v.DesiredCount {
			t.Errorf("%s: %d of %d run", name, v.RunningCount, v.DesiredCount)
		}
	}
}

func TestUpdateServiceRefuses(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(1)
	inactive := w.define("other")
	if err := w.ForeignDeregister(inactive); err != nil {
		t.Fatal(err)
	}
	if _, err := w.CreateService(ServiceSpec{Cluster: "prod", Name: "old", TaskDefinition: "orders", Inactive: true}); err != nil {
		t.Fatal(err)
	}
	before := w.view()
	for name, c := range map[string]struct {
		change func(*sdk.UpdateServiceInput)
		want   string
	}{
		// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html; the code and
		// the text as https://github.com/DefangLabs/defang/pull/775 shows them.
		"inactive definition": {to(inactive), "InvalidParameterException"},
		"unknown definition":  {to("orders:9"), "ClientException"},
		"negative count":      {count(-1), "InvalidParameterException"},
		"unknown service":     {func(in *sdk.UpdateServiceInput) { in.Service = aws.String("payments") }, "ServiceNotFoundException"},
		"inactive service":    {func(in *sdk.UpdateServiceInput) { in.Service = aws.String("old") }, "ServiceNotActiveException"},
		"unknown cluster":     {func(in *sdk.UpdateServiceInput) { in.Cluster = aws.String("dev") }, "ClusterNotFoundException"},
		"default cluster":     {func(in *sdk.UpdateServiceInput) { in.Cluster = nil }, "ClusterNotFoundException"},
		"percents that block": {func(in *sdk.UpdateServiceInput) {
			in.DeploymentConfiguration = &types.DeploymentConfiguration{MinimumHealthyPercent: aws.Int32(100), MaximumPercent: aws.Int32(100)}
		}, "InvalidParameterException"},
	} {
		if err := w.tryUpdate(c.change); code(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if after := w.view(); *after.Deployments[0].Id != *before.Deployments[0].Id || *after.DeploymentConfiguration.MaximumPercent != 200 {
		t.Error("a refused call changed something")
	}
}

// A service that refers to an INACTIVE definition goes on and can be scaled.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html
func TestAnInactiveDefinitionGoesOnRunning(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(1)
	if err := w.ForeignDeregister("orders:1"); err != nil {
		t.Fatal(err)
	}
	w.update(count(3))
	w.pass(5 * time.Minute)
	if v := w.view(); v.RunningCount != 3 || !w.settled() {
		t.Errorf("%d of 3 run", v.RunningCount)
	}
}

// The wall of five: https://github.com/aws/containers-roadmap/issues/2836
func TestFiveActiveDeploymentsAreTheMost(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(1, rolling(100, 1000, nil))
	w.Protect("orders", 48*time.Hour)
	other := w.define("other")
	for i := range 4 {
		w.update(to(other))
		w.pass(2 * time.Minute)
		w.Protect("orders", 48*time.Hour)
		if n := len(w.view().Deployments); n != i+2 {
			t.Fatalf("%d deployments after %d updates", n, i+1)
		}
	}
	if err := w.tryUpdate(to(other)); code(err) != "InvalidParameterException" || !strings.Contains(err.Error(), "5 active deployments exist") {
		t.Errorf("the sixth: %v", err)
	}
	if err := w.tryUpdate(count(2)); err != nil {
		t.Errorf("only the count: %v", err)
	}
	statuses := w.statuses()
	if statuses[0] != types.ServiceDeploymentStatusInProgress || !slices.Equal(statuses[1:4], slices.Repeat([]types.ServiceDeploymentStatus{types.ServiceDeploymentStatusStopped}, 3)) ||
		statuses[4] != types.ServiceDeploymentStatusSuccessful {
		t.Errorf("history %v", statuses)
	}
	w.pass(49 * time.Hour)
	if !w.settled() {
		t.Error("not settled although the protection has ended")
	}
	if err := w.tryUpdate(to(other)); err != nil {
		t.Errorf("after the protection ended: %v", err)
	}
}

// statuses of the service deployments of orders, newest first.
func (w *world) statuses() (all []types.ServiceDeploymentStatus) {
	for _, brief := range w.history() {
		all = append(all, brief.Status)
	}
	return all
}

func (w *world) history() []types.ServiceDeploymentBrief {
	out, err := w.listDeployments(&sdk.ListServiceDeploymentsInput{Cluster: aws.String("prod"), Service: aws.String("orders"), MaxResults: aws.Int32(100)})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.ServiceDeployments
}

func TestListServicesAndDescribeClusters(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(2)
	w.within(func(ctx context.Context) {
		out, err := w.ListServices(ctx, &sdk.ListServicesInput{Cluster: aws.String("prod")})
		if err != nil || len(out.ServiceArns) != 1 {
			t.Errorf("%+v, %v", out, err)
		}
		clusters, err := w.DescribeClusters(ctx, &sdk.DescribeClustersInput{Clusters: []string{"prod", "dev"}})
		if err != nil || len(clusters.Clusters) != 1 || clusters.Clusters[0].RunningTasksCount != 2 || len(clusters.Failures) != 1 {
			t.Errorf("%+v, %v", clusters, err)
		}
	})
}
