namespace Lazaret.SampleSite;

public static class NormalDeviates
{
    extension(Random random)
    {
        /// <summary>Mean 0, standard deviation 1 (Box and Muller).</summary>
        public double NextNormal() =>
            Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

        public double[] NextNormals(int count)
        {
            var values = new double[count];
            for (var i = 0; i < count; i++)
                values[i] = random.NextNormal();
            return values;
        }
    }
}
