// Package ecsservicetest has what the tests of ecsservice and of the platforms over it share.
package ecsservicetest

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

const (
	// Registry is where the images are.
	Registry = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
	// SecretValue stands in every definition, and may stand nowhere else.
	SecretValue = "hunter2-do-not-print"
)

// WorkerDefinition is what one of the services runs, unpinned.
func WorkerDefinition(service string) *ecs.RegisterTaskDefinitionInput {
	return &ecs.RegisterTaskDefinitionInput{
		Family: aws.String(service), Cpu: aws.String("256"), Memory: aws.String("512"), NetworkMode: types.NetworkModeAwsvpc,
		TaskRoleArn:             aws.String("arn:aws:iam::111122223333:role/orders"),
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate},
		RuntimePlatform:         &types.RuntimePlatform{CpuArchitecture: types.CPUArchitectureArm64},
		Tags: []types.Tag{
			{Key: aws.String("team"), Value: aws.String("orders")},
			{Key: aws.String("aws:cloudformation:stack-name"), Value: aws.String("orders")},
		},
		ContainerDefinitions: []types.ContainerDefinition{
			{
				Name: aws.String("worker"), Image: aws.String(Registry + "/orders-worker:release-41"), Essential: aws.Bool(true),
				Environment: []types.KeyValuePair{
					{Name: aws.String("SERVICE"), Value: aws.String(service)},
					{Name: aws.String("API_KEY"), Value: aws.String(SecretValue)},
				},
				Secrets:          []types.Secret{{Name: aws.String("DB"), ValueFrom: aws.String("arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-db-AbCdEf")}},
				LogConfiguration: &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{"awslogs-group": "/ecs/" + service, "awslogs-stream-prefix": "worker"}},
			},
			{Name: aws.String("xray"), Image: aws.String("public.ecr.aws/xray/aws-xray-daemon:3.x"), Essential: aws.Bool(false)},
		},
	}
}
