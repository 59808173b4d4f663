namespace Lazaret.Cohort.Store;

/// <summary>A file that cannot serve as the view's cohort store; building it anew is the remedy.</summary>
public sealed class StoreException(string what) : Exception($"the cohort store is {what}");
