package adopt

import "reflect"

// renamed are the few names that CloudFormation writes otherwise than the SDK, by the SDK's type and field.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-taskdefinition.html
var renamed = map[string]string{
	"Volume.EfsVolumeConfiguration":                  "EFSVolumeConfiguration",
	"Volume.FsxWindowsFileServerVolumeConfiguration": "FSxWindowsFileServerVolumeConfiguration",
	"EFSVolumeConfiguration.FileSystemId":            "FilesystemId",
	"EFSAuthorizationConfig.Iam":                     "IAM",
	"ProxyConfiguration.Properties":                  "ProxyConfigurationProperties",
}

// properties returns a part of an answer of the SDK's as CloudFormation takes it: both are made from one model, so a
// field that AWS adds comes along by itself. What is not set is left out.
func properties(answer any) any { return property(reflect.ValueOf(answer)) }

func property(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return property(v.Elem())
	case reflect.Struct:
		out := map[string]any{}
		for i := range v.NumField() {
			field := v.Type().Field(i)
			value := property(v.Field(i))
			if !field.IsExported() || value == nil {
				continue
			}
			name := field.Name
			if other, ok := renamed[v.Type().Name()+"."+name]; ok {
				name = other
			}
			out[name] = value
		}
		return out
	case reflect.Slice:
		var list []any
		for i := range v.Len() {
			list = append(list, property(v.Index(i)))
		}
		if list == nil {
			return nil
		}
		return list
	case reflect.Map:
		out := map[string]any{}
		for _, key := range v.MapKeys() {
			out[key.String()] = property(v.MapIndex(key))
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case reflect.String:
		if v.String() == "" {
			return nil
		}
		return v.String()
	default:
		return v.Interface()
	}
}
