"""What a supervisor of the demo looks at, by trade. Invented: a compound writes its own, from its drawings and contracts."""

CHECK_LISTS: dict[str, tuple[tuple[str, bool], ...]] = {
    "水": (("管材合格证和送货单一致", True), ("接头不渗水", False), ("打压记录有人签字", True), ("阀门有编号", False)),
    "电": (("外壳接了地线", True), ("漏电保护试跳", False), ("接地电阻有记录", True), ("线管卡子不松", False)),
    "保温": (("板厚和图纸一致", True), ("锚栓每平方米够数", False), ("板缝填满", True)),
    "防水": (("基层干燥、没有起砂", True), ("卷材搭接宽度够", True), ("闭水试验 24 小时不漏", True), ("阴角做了附加层", False)),
    "管道": (("沟深和图纸一致", False), ("管底铺了砂垫层", True), ("坡向检查井", False), ("回填一层一夯", False)),
}
"""Trade → items, and whether a photo of it is owed."""
