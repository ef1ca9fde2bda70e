package ecsservice

import (
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	ecrsdk "github.com/aws/aws-sdk-go-v2/service/ecr"
	ecssdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	ssmsdk "github.com/aws/aws-sdk-go-v2/service/ssm"

	platform "github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/rehearsal/world"
)

// Clients are the clients of what moves the two services.
func (w *Services) Clients(throughSDK bool) platform.Clients {
	if !throughSDK {
		return platform.Clients{ECS: w.ECS, ECR: w.ECR, Scaling: w.Scaling, SSM: w.site.SSM}
	}
	region := w.site.Region
	return platform.Clients{
		ECS: ecssdk.NewFromConfig(world.Mounted(region, w.ECS.Handle)), ECR: ecrsdk.NewFromConfig(world.Mounted(region, w.ECR.Handle)),
		Scaling: applicationautoscaling.NewFromConfig(world.Mounted(region, w.Scaling.Handle)),
		SSM:     ssmsdk.NewFromConfig(world.Mounted(region, w.site.SSM.Handle)),
	}
}

// Scans is the registry behind a real client, for who reads scans of images.
func (w *Services) Scans() *ecrsdk.Client {
	return ecrsdk.NewFromConfig(world.Mounted(w.site.Region, w.ECR.Handle))
}
