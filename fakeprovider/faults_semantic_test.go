package fakeprovider_test

// semanticFaults are the rows M1 to M11.
var semanticFaults = map[string][]string{}
