package tributary.model.data;

/// One text.
///
/// @param name its path, with `/`, in the folder or archive it comes from
public record Document(String name, String text) {}
