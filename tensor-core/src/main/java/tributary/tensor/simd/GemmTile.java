package tributary.tensor.simd;

/// The innermost step of every matrix product: a tile of c that stays in registers while k runs.
///
/// Both operands come packed. A panel of a holds [#ROWS] rows, a panel of b [#COLUMNS] columns; the numbers of one step
/// of k stand side by side, so a tile reads both panels from front to back. A step multiplies every number of a with
/// every number of b: ROWS * COLUMNS multiply-adds for ROWS + COLUMNS loads. Depths are multiples of
/// [GemmPanels#TURN]: panels are padded with zeros.
///
/// There is one class for each vector width, with its own constant species, because a tile only stays in registers
/// where the compiler knows both its shape and its width.
abstract class GemmTile {
    static final GemmTile TILE = ofWidth();
    static final int ROWS = TILE.rows;
    static final int COLUMNS = TILE.columns;
    /// The columns of the smaller tile, for what is left at the right edge of b.
    static final int NARROW = TILE.narrow;

    private final int rows;
    private final int columns;
    private final int narrow;

    GemmTile(int rows, int columns, int narrow) {
        this.rows = rows;
        this.columns = columns;
        this.narrow = narrow;
    }

    private static GemmTile ofWidth() {
        if (Lanes.SCALAR) {
            return new GemmTileScalar();
        }
        return switch (Lanes.F.vectorBitSize()) {
            case 512 -> new GemmTile512();
            case 256 -> new GemmTile256();
            case 128 -> new GemmTile128();
            default -> new GemmTileScalar();
        };
    }

    /// c[i][j] = start[j] + sum over p < depth of a[p][i] b[p][j], for ROWS by COLUMNS; adds c's old value where `add`.
    ///
    /// @param depth a multiple of [GemmPanels#TURN]
    /// @param a packed: ROWS numbers a step
    /// @param b packed: COLUMNS numbers a step
    /// @param cRow from one row of c to the next
    abstract void multiply(
            int depth, float[] a, int aAt, float[] b, int bAt, float[] start, int startAt, boolean add, float[] c, int cAt, int cRow);

    /// As [#multiply], for NARROW columns, with b packed NARROW numbers a step.
    abstract void multiplyNarrow(
            int depth, float[] a, int aAt, float[] b, int bAt, float[] start, int startAt, boolean add, float[] c, int cAt, int cRow);

    /// c[i][j] += sum over p < depth of a[i][p] b[p][j], where a is not packed but has rows COLUMNS apart, such as
    /// another tile's c.
    abstract void multiplyRows(int depth, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, int cRow);
}
